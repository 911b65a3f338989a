// Instructions that a lane computes by itself from its registers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <type_traits>

#include "numbers.h"
#include "opcodes.h"

namespace emulator {

namespace {

template <class T> using Unsigned = std::make_unsigned_t<T>;

// Integer arithmetic wraps, so it is done unsigned.
struct Add {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return a + b;
        } else {
            return static_cast<T>(static_cast<Unsigned<T>>(a) + static_cast<Unsigned<T>>(b));
        }
    }
};
struct Sub {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return a - b;
        } else {
            return static_cast<T>(static_cast<Unsigned<T>>(a) - static_cast<Unsigned<T>>(b));
        }
    }
};
struct Mul {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return a * b;
        } else {
            using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
            return static_cast<T>(static_cast<Wide>(a) * static_cast<Wide>(b));
        }
    }
};
struct MulHigh {
    template <class T> static T of(T a, T b) {
        using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
        return static_cast<T>(static_cast<Wide>(a) * static_cast<Wide>(b) >> sizeof(T) * 8);
    }
};
struct Div {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return a / b;
        } else if constexpr (std::is_signed_v<T>) {
            return b == 0 ? T(-1) : b == -1 ? Sub::of(T(0), a) : static_cast<T>(a / b);
        } else {
            return b == 0 ? static_cast<T>(-1) : a / b;
        }
    }
};
struct Rem {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_signed_v<T>) {
            return b == 0 ? a : b == -1 ? T(0) : static_cast<T>(a % b);
        } else {
            return b == 0 ? a : a % b;
        }
    }
};
// A NaN beside a number is the number.
struct Min {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return std::fmin(a, b);
        } else {
            return std::min(a, b);
        }
    }
};
struct Max {
    template <class T> static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) {
            return std::fmax(a, b);
        } else {
            return std::max(a, b);
        }
    }
};
struct And { template <class T> static T of(T a, T b) { return a & b; } };
struct Or { template <class T> static T of(T a, T b) { return a | b; } };
struct Xor { template <class T> static T of(T a, T b) { return a ^ b; } };

struct Move { template <class T> static T of(T a) { return a; } };
struct Negate {
    template <class T> static T of(T a) {
        if constexpr (std::is_floating_point_v<T>) {
            return -a;
        } else {
            return Sub::of(T(0), a);
        }
    }
};
struct Absolute { template <class T> static T of(T a) { return a < 0 ? Negate::of(a) : a; } };
struct Not { template <class T> static T of(T a) { return ~a; } };
struct NotPredicate { template <class T> static T of(T a) { return a ^ 1; } };
struct Power2 { template <class T> static T of(T a) { return std::exp2(a); } };
struct Log2 { template <class T> static T of(T a) { return std::log2(a); } };
struct Reciprocal { template <class T> static T of(T a) { return T(1) / a; } };
struct Root { template <class T> static T of(T a) { return std::sqrt(a); } };
struct ReciprocalRoot { template <class T> static T of(T a) { return T(1) / std::sqrt(a); } };

template <class T, class F> void unary(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    each(mask, [=](int lane) { d[lane] = F::template of<T>(a[lane]); });
}

template <class T, class F> void binary(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const T* b = w.lanes<T>(i.operands[2].at);
    each(mask, [=](int lane) { d[lane] = F::template of<T>(a[lane], b[lane]); });
}

template <class T, class Wide> void multiplyWide(Warp& w, const Instruction& i, uint32_t mask) {
    Wide* d = w.lanes<Wide>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const T* b = w.lanes<T>(i.operands[2].at);
    each(mask, [=](int lane) { d[lane] = static_cast<Wide>(a[lane]) * static_cast<Wide>(b[lane]); });
}

template <class T> void multiplyAdd(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const T* b = w.lanes<T>(i.operands[2].at);
    const T* c = w.lanes<T>(i.operands[3].at);
    each(mask, [=](int lane) {
        if constexpr (std::is_floating_point_v<T>) {
            d[lane] = std::fma(a[lane], b[lane], c[lane]);
        } else {
            d[lane] = Add::of<T>(Mul::of<T>(a[lane], b[lane]), c[lane]);
        }
    });
}

// A count of the width or more shifts everything out.
template <class T> void shiftLeft(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const uint32_t* n = w.lanes<uint32_t>(i.operands[2].at);
    each(mask, [=](int lane) { d[lane] = n[lane] >= sizeof(T) * 8 ? 0 : static_cast<T>(a[lane] << n[lane]); });
}
template <class T> void shiftRight(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const uint32_t* n = w.lanes<uint32_t>(i.operands[2].at);
    each(mask, [=](int lane) {
        const uint32_t most = sizeof(T) * 8 - 1;
        d[lane] = n[lane] <= most ? a[lane] >> n[lane] : std::is_signed_v<T> ? a[lane] >> most : 0;
    });
}

template <class T> void select(Warp& w, const Instruction& i, uint32_t mask) {
    T* d = w.lanes<T>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const T* b = w.lanes<T>(i.operands[2].at);
    const uint8_t* p = w.lanes<uint8_t>(i.operands[3].at);
    each(mask, [=](int lane) { d[lane] = p[lane] ? a[lane] : b[lane]; });
}

// The U forms are also true where one is NaN.
enum Compare { EQ, NE, LT, LE, GT, GE, EQU, NEU, LTU, LEU, GTU, GEU, COMPARES };
const char* const COMPARE_NAMES[] = {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu"};

template <class T, int C> bool holds(T a, T b) {
    const bool unordered = a != a || b != b;
    switch (C % EQU) {
    case EQ: return a == b || (C >= EQU && unordered);
    case NE: return C >= EQU ? a != b : a != b && !unordered;
    case LT: return a < b || (C >= EQU && unordered);
    case LE: return a <= b || (C >= EQU && unordered);
    case GT: return a > b || (C >= EQU && unordered);
    default: return a >= b || (C >= EQU && unordered);
    }
}
template <class T, int C> void setPredicate(Warp& w, const Instruction& i, uint32_t mask) {
    uint8_t* d = w.lanes<uint8_t>(i.operands[0].at);
    const T* a = w.lanes<T>(i.operands[1].at);
    const T* b = w.lanes<T>(i.operands[2].at);
    each(mask, [=](int lane) { d[lane] = holds<T, C>(a[lane], b[lane]); });
}

// The value is read in the source type's width, whatever the register's is.
template <class D, class S> void convert(Warp& w, const Instruction& i, uint32_t mask) {
    Stored<D>* d = w.lanes<Stored<D>>(i.operands[0].at);
    const Stored<S>* a = w.lanes<Stored<S>>(i.operands[1].at);
    each(mask, [=](int lane) {
        if constexpr (std::is_same_v<D, Half>) {
            d[lane] = toHalf(a[lane]);
        } else if constexpr (std::is_same_v<D, Bfloat>) {
            d[lane] = toBfloat(a[lane]);
        } else if constexpr (std::is_same_v<S, Half> || std::is_same_v<S, Bfloat>) {
            d[lane] = toFloat(a[lane]);
        } else if constexpr (std::is_floating_point_v<S> && std::is_integral_v<D>) {
            // Towards zero, within the type's range; NaN is 0.
            const double value = a[lane];
            d[lane] = value != value ? 0
                    : value >= static_cast<double>(std::numeric_limits<D>::max()) ? std::numeric_limits<D>::max()
                    : value <= static_cast<double>(std::numeric_limits<D>::min()) ? std::numeric_limits<D>::min()
                                                                                 : static_cast<D>(value);
        } else {
            d[lane] = static_cast<D>(static_cast<S>(a[lane]));
        }
    });
}

// mov.b32 {low, high}, whole and back.
void moveVector(Warp& w, const Instruction& i, uint32_t mask) {
    const uint8_t whole = std::max(i.operands.front().width, i.operands.back().width);
    const bool splits = i.operands.back().width == whole && i.operands.front().width < whole;
    const size_t parts = i.operands.size() - 1;
    const size_t each16 = whole / parts;
    each(mask, [&](int lane) {
        const auto at = [&](const Operand& o) { return w.registers + o.at + lane * o.width; };
        if (splits) {
            for (size_t p = 0; p < parts; p++) {
                memcpy(at(i.operands[p]), at(i.operands.back()) + p * each16, each16);
            }
        } else {
            unsigned char bytes[8];
            for (size_t p = 0; p < parts; p++) {
                memcpy(bytes + p * each16, at(i.operands[p + 1]), each16);
            }
            memcpy(at(i.operands[0]), bytes, whole);
        }
    });
}

template <class T> void moveMaybeVector(Warp& w, const Instruction& i, uint32_t mask) {
    if (i.operands.size() == 2) {
        unary<T, Move>(w, i, mask);
    } else {
        moveVector(w, i, mask);
    }
}

// Bits [position, position + length) of b are those of a.
void bitFieldInsert(Warp& w, const Instruction& i, uint32_t mask) {
    uint32_t* d = w.lanes<uint32_t>(i.operands[0].at);
    const uint32_t* a = w.lanes<uint32_t>(i.operands[1].at);
    const uint32_t* b = w.lanes<uint32_t>(i.operands[2].at);
    const uint32_t* position = w.lanes<uint32_t>(i.operands[3].at);
    const uint32_t* length = w.lanes<uint32_t>(i.operands[4].at);
    each(mask, [=](int lane) {
        const uint64_t ones = ((uint64_t{1} << std::min(length[lane] & 255, 32u)) - 1) << std::min(position[lane] & 255, 32u);
        d[lane] = static_cast<uint32_t>((b[lane] & ~ones) | ((static_cast<uint64_t>(a[lane]) << std::min(position[lane] & 255, 32u)) & ones));
    });
}

using Table = std::map<std::string, Opcode>;

Opcode plain(Handler run, uint8_t bytes) {
    Opcode opcode;
    opcode.run = run;
    opcode.immediateBytes = bytes;
    return opcode;
}

Opcode shift(Handler run, uint8_t bytes) {
    Opcode opcode = plain(run, bytes);
    opcode.hasCount = true;
    return opcode;
}

template <class T, int C> void compares(Table& table, const std::string& type) {
    if constexpr (C < COMPARES) {
        if (C < EQU || std::is_floating_point_v<T>) {
            table["setp." + std::string(COMPARE_NAMES[C]) + "." + type] = plain(setPredicate<T, C>, sizeof(T));
        }
        compares<T, C + 1>(table, type);
    }
}

template <class T> void numbers(Table& table, const std::string& type) {
    const uint8_t bytes = sizeof(T);
    table["min." + type] = plain(binary<T, Min>, bytes);
    table["max." + type] = plain(binary<T, Max>, bytes);
    table["neg." + type] = plain(unary<T, Negate>, bytes);
    table["abs." + type] = plain(unary<T, Absolute>, bytes);
    compares<T, 0>(table, type);
}

template <class T> void integers(Table& table, const std::string& type) {
    const uint8_t bytes = sizeof(T);
    numbers<T>(table, type);
    table["add." + type] = plain(binary<T, Add>, bytes);
    table["sub." + type] = plain(binary<T, Sub>, bytes);
    table["mul.lo." + type] = plain(binary<T, Mul>, bytes);
    table["mul.hi." + type] = plain(binary<T, MulHigh>, bytes);
    table["mad.lo." + type] = plain(multiplyAdd<T>, bytes);
    table["div." + type] = plain(binary<T, Div>, bytes);
    table["rem." + type] = plain(binary<T, Rem>, bytes);
    table["shr." + type] = shift(shiftRight<T>, bytes);
    table["mov." + type] = plain(unary<T, Move>, bytes);
    table["selp." + type] = plain(select<T>, bytes);
}

template <class T> void bits(Table& table, const std::string& type) {
    const uint8_t bytes = sizeof(T);
    table["and." + type] = plain(binary<T, And>, bytes);
    table["or." + type] = plain(binary<T, Or>, bytes);
    table["xor." + type] = plain(binary<T, Xor>, bytes);
    table["not." + type] = plain(unary<T, Not>, bytes);
    table["shl." + type] = shift(shiftLeft<T>, bytes);
    table["shr." + type] = shift(shiftRight<T>, bytes);
    table["selp." + type] = plain(select<T>, bytes);
    Opcode move = plain(moveMaybeVector<T>, bytes);
    move.vectorBytes = bytes / 2;
    table["mov." + type] = move;
}

template <class D, class S> void conversion(Table& table, const std::string& name) {
    table["cvt." + name] = plain(convert<D, S>, sizeof(Stored<S>));
}

template <class D> void conversions(Table& table, const std::string& to) {
    conversion<D, uint8_t>(table, to + ".u8");
    conversion<D, int8_t>(table, to + ".s8");
    conversion<D, uint16_t>(table, to + ".u16");
    conversion<D, int16_t>(table, to + ".s16");
    conversion<D, uint32_t>(table, to + ".u32");
    conversion<D, int32_t>(table, to + ".s32");
    conversion<D, uint64_t>(table, to + ".u64");
    conversion<D, int64_t>(table, to + ".s64");
}

Table arithmetic() {
    Table table;
    integers<uint16_t>(table, "u16");
    integers<int16_t>(table, "s16");
    integers<uint32_t>(table, "u32");
    integers<int32_t>(table, "s32");
    integers<uint64_t>(table, "u64");
    integers<int64_t>(table, "s64");
    bits<uint16_t>(table, "b16");
    bits<uint32_t>(table, "b32");
    bits<uint64_t>(table, "b64");
    table["mul.wide.u16"] = plain(multiplyWide<uint16_t, uint32_t>, 2);
    table["mul.wide.s16"] = plain(multiplyWide<int16_t, int32_t>, 2);
    table["mul.wide.u32"] = plain(multiplyWide<uint32_t, uint64_t>, 4);
    table["mul.wide.s32"] = plain(multiplyWide<int32_t, int64_t>, 4);
    table["and.pred"] = plain(binary<uint8_t, And>, 1);
    table["or.pred"] = plain(binary<uint8_t, Or>, 1);
    table["xor.pred"] = plain(binary<uint8_t, Xor>, 1);
    table["not.pred"] = plain(unary<uint8_t, NotPredicate>, 1);
    table["mov.pred"] = plain(unary<uint8_t, Move>, 1);
    table["bfi.b32"] = plain(bitFieldInsert, 4);

    numbers<float>(table, "f32");
    table["mov.f32"] = plain(unary<float, Move>, 4);
    table["selp.f32"] = plain(select<float>, 4);
    for (const std::string rounding : {"", "rn."}) {
        table["add." + rounding + "f32"] = plain(binary<float, Add>, 4);
        table["sub." + rounding + "f32"] = plain(binary<float, Sub>, 4);
        table["mul." + rounding + "f32"] = plain(binary<float, Mul>, 4);
        table["div." + rounding + "f32"] = plain(binary<float, Div>, 4);
        table["rcp." + rounding + "f32"] = plain(unary<float, Reciprocal>, 4);
        table["sqrt." + rounding + "f32"] = plain(unary<float, Root>, 4);
    }
    table["fma.rn.f32"] = plain(multiplyAdd<float>, 4);
    table["ex2.f32"] = plain(unary<float, Power2>, 4);
    table["lg2.f32"] = plain(unary<float, Log2>, 4);
    table["rsqrt.f32"] = plain(unary<float, ReciprocalRoot>, 4);

    conversions<uint8_t>(table, "u8");
    conversions<int8_t>(table, "s8");
    conversions<uint16_t>(table, "u16");
    conversions<int16_t>(table, "s16");
    conversions<uint32_t>(table, "u32");
    conversions<int32_t>(table, "s32");
    conversions<uint64_t>(table, "u64");
    conversions<int64_t>(table, "s64");
    conversions<float>(table, "rn.f32");
    conversion<int32_t, float>(table, "rzi.s32.f32");
    conversion<uint32_t, float>(table, "rzi.u32.f32");
    conversion<float, Half>(table, "f32.f16");
    conversion<Half, float>(table, "rn.f16.f32");
    conversion<float, Bfloat>(table, "f32.bf16");
    conversion<Bfloat, float>(table, "rn.bf16.f32");
    return table;
}

} // namespace

bool findArithmetic(const std::string& name, Opcode& to) {
    static const Table TABLE = arithmetic();
    const auto found = TABLE.find(name);
    if (found == TABLE.end()) {
        return false;
    }
    to = found->second;
    return true;
}

} // namespace emulator
