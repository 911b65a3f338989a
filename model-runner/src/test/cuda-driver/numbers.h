// How the types of PTX lie in registers, and the two 16-bit floats.
#pragma once

#include <cstdint>
#include <cstring>

namespace emulator {

// 8-bit types live in 16-bit registers.
template <class T> struct Storage { using type = T; };
template <> struct Storage<uint8_t> { using type = uint16_t; };
template <> struct Storage<int8_t> { using type = int16_t; };
template <class T> using Stored = typename Storage<T>::type;

struct Half {
    uint16_t bits;
};
struct Bfloat {
    uint16_t bits;
};

template <class To, class From> inline To bitsOf(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof(to));
    return to;
}

inline float toFloat(Half half) {
    _Float16 value;
    memcpy(&value, &half.bits, 2);
    return static_cast<float>(value);
}
inline float toFloat(Bfloat bfloat) { return bitsOf<float>(static_cast<uint32_t>(bfloat.bits) << 16); }
inline float toFloat(float value) { return value; }

// Nearest, ties to even.
inline Half toHalf(float value) {
    const _Float16 rounded = static_cast<_Float16>(value);
    Half half;
    memcpy(&half.bits, &rounded, 2);
    return half;
}
inline Bfloat toBfloat(float value) {
    const uint32_t bits = bitsOf<uint32_t>(value);
    if (value != value) {
        return {0x7fff};
    }
    return {static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

} // namespace emulator
