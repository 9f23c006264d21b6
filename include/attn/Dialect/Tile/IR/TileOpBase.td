// What the definitions of the tile dialect's operations share.
#ifndef ATTN_DIALECT_TILE_OP_BASE_TD
#define ATTN_DIALECT_TILE_OP_BASE_TD

include "attn/Dialect/Tile/IR/TileBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

/// The rows of the operation's tile may be of several heads: it has `packed`, and PK1 holds.
def Tile_PackedRows : NativeOpTrait<"PackedRows"> {
  let cppNamespace = "::mlir::tile";
}
def Tile_Packed : DefaultValuedAttr<I64Attr, "1">;

def Tile_Tensor : RankedTensorOf<[AnyType]>;
def Tile_Matrix : RankedTensorOf<[F16, BF16, F32]>;
def Tile_F32Tile : RankedTensorOf<[F32]>;
def Tile_Operand : AnyTypeOf<[Tile_Matrix, Tile_SharedType], "a tile in registers or in shared memory">;

#endif // ATTN_DIALECT_TILE_OP_BASE_TD
