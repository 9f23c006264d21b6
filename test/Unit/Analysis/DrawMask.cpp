// Random mask regions over a grammar of comparisons, and, or, not, select, affine terms, minima, maxima and divisions.
#include "MaskRegions.h"

#include <sstream>

using namespace mlir;

namespace {
/// Whether masks read a table of numbers, and in which form.
enum class Elements { None, Sorted, Any };

class Drawer {
public:
  explicit Drawer(std::mt19937 &random, Elements elements = Elements::None) : random(random), elements(elements) {}

  std::string body() {
    std::string result = formula(3);
    text << "  return " << result << " : i1\n";
    return text.str();
  }

private:
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random); }
  std::string define(const std::string &operation) {
    std::string name = "%v" + std::to_string(count++);
    text << "  " << name << " = " << operation << "\n";
    return name;
  }
  std::string number(int64_t value) { return define("arith.constant " + std::to_string(value) + " : index"); }
  std::string binary(const std::string &name, const std::string &l, const std::string &r, const std::string &type = "index") {
    return define("arith." + name + " " + l + ", " + r + " : " + type);
  }
  std::string pick(std::initializer_list<const char *> names) { return *(names.begin() + below(names.size())); }

  std::string scalar() {
    switch (below(5)) {
    case 0:
      return "%s0";
    case 1:
      return "%s1";
    case 2:
      return define("tensor.extract %lengths[%b] : tensor<?xindex>");
    default:
      return number(below(14) - 3);
    }
  }

  std::string term(int depth) {
    if (elements == Elements::Any && below(6) == 0)
      return tableTerm();
    if (depth == 0)
      return below(4) ? pick({"%q", "%k"}) : scalar();
    std::string left = term(depth - 1);
    switch (below(12)) {
    case 0:
    case 1:
      return binary("addi", left, scalar());
    case 2:
      return binary("addi", left, term(depth - 1));
    case 3:
      return binary("subi", left, scalar());
    case 4:
      return binary("subi", left, term(depth - 1));
    case 5:
      return binary("muli", left, number(1 + below(3)));
    case 6:
    case 7:
      return binary(pick({"floordivsi", "ceildivsi", "divsi"}), left, number(2 + below(4)));
    case 8:
      return binary(pick({"minsi", "maxsi"}), left, term(depth - 1));
    case 9:
      return define("arith.select " + formula(0) + ", " + left + ", " + term(depth - 1) + " : index");
    default:
      return left;
    }
  }

  /// What has bounds over a tile and no place in closed forms.
  std::string tableTerm() {
    std::string place = pick({"%q", "%k"});
    if (below(2))
      place = binary("divui", place, number(1 + below(6)));
    if (below(5) == 0)
      return binary("remui", place, number(2 + below(6)));
    if (below(5) == 0)
      return binary("andi", place, number(pick({"1", "3", "5", "7"})[0] - '0'));
    if (below(6) == 0)
      place = element(place);
    if (below(8) == 0)
      place = binary("addi", place, scalar());
    return element(place);
  }

  std::string element(const std::string &index) {
    return define("tensor.extract %ids[" + index + "] : tensor<?xindex>");
  }

  /// An element against one at the other index, or against a number.
  std::string comparedElements() {
    bool query = below(2);
    std::string left = element(query ? "%q" : "%k");
    std::string right = below(3) ? element(query ? "%k" : "%q") : scalar();
    if (below(3) == 0)
      right = binary("addi", right, number(below(3) - 1));
    return define("arith.cmpi " + pick({"eq", "eq", "ne", "sle", "sgt"}) + ", " + left + ", " + right + " : index");
  }

  std::string formula(int depth) {
    if (elements != Elements::None && depth < 3 && below(3) == 0)
      return comparedElements();
    if (depth == 0 || below(6) == 0) {
      std::string predicate = pick({"sle", "slt", "sge", "sgt", "sle", "sge", "eq", "ne"});
      int deep = below(3);
      return define("arith.cmpi " + predicate + ", " + term(deep) + ", " + term(below(2)) + " : index");
    }
    std::string left = formula(depth - 1);
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return binary("andi", left, formula(depth - 1), "i1");
    case 3:
    case 4:
    case 5:
      return binary("ori", left, formula(depth - 1), "i1");
    case 6:
      return binary("xori", left, define("arith.constant true"), "i1");
    default:
      return define("arith.select " + left + ", " + formula(depth - 1) + ", " + formula(depth - 1) + " : i1");
    }
  }

  std::mt19937 &random;
  Elements elements;
  std::ostringstream text;
  unsigned count = 0;
};
} // namespace

OwningOpRef<ModuleOp> attn::test::drawMask(MLIRContext &context, std::mt19937 &random) {
  return parseMask(context, ", %s0: index, %s1: index, %lengths: tensor<?xindex>", Drawer(random).body());
}

OwningOpRef<ModuleOp> attn::test::drawSortedMask(MLIRContext &context, std::mt19937 &random) {
  return parseMask(context, ", %s0: index, %s1: index, %lengths: tensor<?xindex>, %ids: tensor<?xindex>",
                   Drawer(random, Elements::Sorted).body());
}

OwningOpRef<ModuleOp> attn::test::drawTableMask(MLIRContext &context, std::mt19937 &random) {
  return parseMask(context, ", %s0: index, %s1: index, %lengths: tensor<?xindex>, %ids: tensor<?xindex>",
                   Drawer(random, Elements::Any).body());
}
