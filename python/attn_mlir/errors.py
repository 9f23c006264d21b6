"""The one exception of this package, and its closed list of reasons."""

import enum


class Status(enum.IntEnum):
    """Why a call failed; the numbers of attn-c/Common.h."""

    INVALID_ARGUMENT = 1
    """wrong shape, element type, stride, device or option"""
    INVALID_SPEC = 2
    """the spec does not parse or verify"""
    UNSUPPORTED = 3
    """a legal request that the target refuses by name"""
    COMPILE_FAILED = 4
    """a pass or the assembler failed"""
    INVALID_IMAGE = 5
    """the image is damaged or from another version"""
    NO_DEVICE = 6
    """no GPU, or one of another architecture"""
    DRIVER_TOO_OLD = 7
    """the GPU driver cannot load the image"""
    DRIVER_ERROR = 8
    """any other error of the GPU driver"""
    OUT_OF_MEMORY = 9
    IO_ERROR = 10
    """a file could not be read or written"""


class Error(RuntimeError):
    """A call failed; nothing was launched and no output was written (except, perhaps, after DRIVER_ERROR).

    status:   a Status
    sentence: what was expected and what was found; also str(error)
    """

    status: Status
    sentence: str

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = Status(status)
        self.sentence = sentence
