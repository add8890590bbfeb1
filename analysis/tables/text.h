#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/names/case.h"

// How the report prints figures: so many digits that the last one says something, and the unit.
namespace tbench {

// Never an exponent: 1453, 114.6, 38.61, 6.64, 0.312, 0.0312.
std::string Digits(double value);

std::string Milliseconds(double microseconds);  // "38.61", without the unit

// "1.25 s", "6.64 ms", "3.10 µs".
std::string Duration(double microseconds);

// "63 %", below 10 % "4.2 %".
std::string Percent(double share);

// "+4.2 %", "−12.0 %".
std::string SignedPercent(double share);

// A limit as it was set: "5 %", "2.5 %".
std::string Limit(double share);

// "0.12", "13.86".
std::string Ratio(double ratio);

// Decimal units, as GPUs are sold: "514.5 MB", "13.63 GB".
std::string Bytes(double bytes);

// "1.41 M", "3.41 B": 10^6 and 10^9.
std::string Count(double count);

// "1 case", "60 cases", "2 processes".
std::string Plural(std::size_t count, const std::string& noun);

// The whole text where it has no more characters.
std::string FirstCharacters(const std::string& text, std::size_t count);

// "a", "a and b", "a, b and c".
std::string Enumeration(const std::vector<std::string>& parts);

// "trials-2-7b-forward": lower case, digits and hyphens, for files and links.
std::string Slug(std::string_view text);

// Characters, not bytes, of UTF-8.
std::size_t CharacterCount(std::string_view text);

// A case for people, without its warm-ups: "large, 128, forward". Of the other axes only what is not the default:
// "bf16, sdpa".
std::string StepInWords(const Case& c);

// With them: "large, 128, forward, 5 warm-ups".
std::string CaseInWords(const Case& c);

}  // namespace tbench
