// RUN: attn-opt %s -split-input-file -verify-diagnostics

// Shapes in tile types: as many positive extents as the type has axes, and a number as element type.

// expected-error @+1 {{expects 2 positive extents}}
func.func private @f(!tile.shared<64xf16>)

// -----

// expected-error @+1 {{expects 2 positive extents}}
func.func private @f(!tile.ring<2, 0x64xf16>)

// -----

// expected-error @+1 {{expects 1 positive extents}}
func.func private @f(!tile.partial<8x8xf32>)

// -----

// expected-error @+1 {{expects an integer or float element type, got 'index'}}
func.func private @f(!tile.partial<8xindex>)
