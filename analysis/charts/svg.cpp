#include "analysis/charts/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "analysis/charts/theme.h"

namespace tbench {
namespace {

constexpr std::string_view kFonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
constexpr std::string_view kSpace = " \t\n\r";

using Attributes = std::vector<std::pair<std::string, std::string>>;

enum class Kind { kOpen, kClose, kEmpty, kText };

struct Token {
  Kind kind;
  std::string name;  // of an element; of a text, the text
  Attributes attributes;
};

// "name = 'value'" and so on; gnuplot takes either quote, with spaces around the equals sign or without.
Attributes ParseAttributes(std::string_view text) {
  Attributes attributes;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    const std::size_t equals = text.find('=');
    if (begin == std::string_view::npos || equals == std::string_view::npos) return attributes;
    const std::size_t name_end = text.find_last_not_of(kSpace, equals - 1) + 1;
    const std::size_t quote = text.find_first_of("'\"", equals);
    if (quote == std::string_view::npos) return attributes;
    const std::size_t close = text.find(text[quote], quote + 1);
    if (close == std::string_view::npos) return attributes;
    attributes.emplace_back(text.substr(begin, name_end - begin), text.substr(quote + 1, close - quote - 1));
    text.remove_prefix(close + 1);
  }
}

Token ParseTag(std::string_view tag) {  // without its angle brackets
  if (tag.starts_with('/')) return {.kind = Kind::kClose, .name = std::string(tag.substr(1)), .attributes = {}};
  const bool empty = tag.ends_with('/');
  if (empty) tag.remove_suffix(1);
  const std::size_t end = std::min(tag.find_first_of(kSpace), tag.size());
  return {.kind = empty ? Kind::kEmpty : Kind::kOpen,
          .name = std::string(tag.substr(0, end)),
          .attributes = ParseAttributes(tag.substr(end))};
}

// Elements and the texts between them that are not blank; declarations and comments are left out.
std::vector<Token> Tokens(std::string_view svg) {
  std::vector<Token> tokens;
  while (!svg.empty()) {
    const std::size_t open = svg.find('<');
    const std::string_view text = svg.substr(0, open);
    if (text.find_first_not_of(kSpace) != std::string_view::npos) {
      tokens.push_back({.kind = Kind::kText, .name = std::string(text), .attributes = {}});
    }
    if (open == std::string_view::npos) break;
    const std::size_t close = svg.find('>', open);
    if (close == std::string_view::npos) break;
    if (svg[open + 1] != '?' && svg[open + 1] != '!')
      tokens.push_back(ParseTag(svg.substr(open + 1, close - open - 1)));
    svg.remove_prefix(close + 1);
  }
  return tokens;
}

std::string* Find(Attributes& attributes, std::string_view name) {
  const auto found = std::ranges::find(attributes, name, &std::pair<std::string, std::string>::first);
  return found == attributes.end() ? nullptr : &found->second;
}

void Drop(Attributes& attributes, std::string_view name) {
  std::erase_if(attributes, [&](const auto& attribute) { return attribute.first == name; });
}

// Without what stands inside: gnuplot's own title and description, and the definitions that its points refer to.
std::vector<Token> WithoutSections(const std::vector<Token>& tokens, const std::set<std::string>& names) {
  std::vector<Token> kept;
  int depth = 0;
  for (const Token& token : tokens) {
    const bool named = token.kind != Kind::kText && names.contains(token.name);
    if (named && token.kind == Kind::kOpen) ++depth;
    if (depth == 0) kept.push_back(token);
    if (named && token.kind == Kind::kClose) --depth;
  }
  return kept;
}

// Groups and texts that hold nothing.
std::vector<Token> WithoutEmptyGroups(const std::vector<Token>& tokens) {
  std::vector<Token> kept;
  for (const Token& token : tokens) {
    const bool may_go = token.name == "g" || token.name == "text";
    if (may_go && token.kind == Kind::kClose && !kept.empty() && kept.back().kind == Kind::kOpen &&
        kept.back().name == token.name) {
      kept.pop_back();
    } else {
      kept.push_back(token);
    }
  }
  return kept;
}

// "#0064a8" of gnuplot's "rgb(  0, 100, 168)" and of the names that it uses by itself; anything else unchanged.
std::string Hex(const std::string& color) {
  int red = 0, green = 0, blue = 0;
  if (std::sscanf(color.c_str(), "rgb( %d , %d , %d )", &red, &green, &blue) == 3) {  // NOLINT(cert-err34-c)
    return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
  }
  if (color == "black") return std::string(LightColor(Ink::kText));
  if (color == "gray") return std::string(LightColor(Ink::kGrid));
  if (color == "white") return std::string(LightColor(Ink::kGround));
  return color;
}

// The point types that PointType names, as gnuplot defines them.
struct Shape {
  std::string_view reference, element;
  Attributes attributes;
};
const std::array<Shape, 5>& Shapes() {
  static const std::array<Shape, 5> shapes{
      Shape{"#gpPt4", "rect", {{"x", "-1"}, {"y", "-1"}, {"width", "2"}, {"height", "2"}}},
      Shape{"#gpPt6", "circle", {{"r", "1"}}},
      Shape{"#gpPt8", "path", {{"d", "M0,-1.33L-1.33,.67L1.33,.67z"}}},
      Shape{"#gpPt10", "path", {{"d", "M0,1.33L-1.33,-.67L1.33,-.67z"}}},
      Shape{"#gpPt12", "path", {{"d", "M0,-1.4L1.4,0L0,1.4L-1.4,0z"}}},
  };
  return shapes;
}

void DrawPointInPlace(Token& token) {
  const std::string* reference = Find(token.attributes, "xlink:href");
  if (reference == nullptr) return;
  const auto shape = std::ranges::find(Shapes(), *reference, &Shape::reference);
  if (shape == Shapes().end()) return;
  token.name = shape->element;
  if (const std::string* color = Find(token.attributes, "color")) token.attributes.emplace_back("fill", *color);
  token.attributes.emplace_back("stroke", "none");
  Drop(token.attributes, "xlink:href");
  token.attributes.insert(token.attributes.begin(), shape->attributes.begin(), shape->attributes.end());
}

// Without the ".00" of gnuplot's whole numbers.
std::string Compact(const std::string& value) {
  std::string compact;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.compare(i, 3, ".00") == 0 &&
        (i + 3 == value.size() || !std::isdigit(static_cast<unsigned char>(value[i + 3])))) {
      i += 2;
      continue;
    }
    compact += value[i];
  }
  while (!compact.empty() && compact.back() == ' ') compact.pop_back();
  return compact;
}

const InkColors* FindInk(const std::string& color) {
  const auto found = std::ranges::find(Inks(), color, &InkColors::light);
  return found == Inks().end() ? nullptr : &*found;
}

// "cf5" and "cs5": fill and stroke of the ink with that number.
std::string InkClass(std::string_view attribute, Ink ink) {
  return fmt::format("c{}{}", attribute == "fill" ? 'f' : 's', int(ink));
}

class Writer {
 public:
  void Write(Token token) {
    switch (token.kind) {
      case Kind::kText:
        body_ += token.name;
        return;
      case Kind::kClose:
        if (token.name == "g" && colors_.size() > 1) colors_.pop_back();
        body_ += fmt::format("</{}>{}", token.name, token.name == "tspan" ? "" : "\n");
        return;
      case Kind::kOpen:
      case Kind::kEmpty:
        break;
    }
    if (token.name == "use") DrawPointInPlace(token);
    if (token.name == "g" && token.kind == Kind::kOpen) {
      const std::string* color = Find(token.attributes, "color");
      colors_.push_back(color == nullptr ? colors_.back() : *color);
    }
    const std::string* font = Find(token.attributes, "font-family");
    if (font != nullptr && font->ends_with(":Bold")) token.attributes.emplace_back("font-weight", "600");
    for (const char* dropped :
         {"id", "class", "color", "font-family", "xlink:href", "stroke-linecap", "stroke-linejoin"})
      Drop(token.attributes, dropped);
    WriteTag(token);
  }

  std::string Style() const {
    std::string rules;
    for (const auto& [attribute, ink] : used_) {
      rules += fmt::format(".{}{{{}:{}}}", InkClass(attribute, ink), attribute, DarkColor(ink));
    }
    return InTheDark(rules);
  }
  // Marks an ink as used and returns the attributes that paint with it.
  std::string Paint(const std::string& attribute, Ink ink) {
    used_.emplace(attribute, ink);
    return fmt::format(" {}=\"{}\" class=\"{}\"", attribute, LightColor(ink), InkClass(attribute, ink));
  }
  const std::string& body() const { return body_; }

 private:
  void WriteTag(const Token& token) {
    body_ += '<' + token.name;
    std::string classes;
    for (const auto& [name, value] : token.attributes) {
      std::string written = Compact(value);
      if (name == "fill" || name == "stroke") {
        written = Hex(value == "currentColor" ? colors_.back() : value);
        if (const InkColors* ink = FindInk(written)) {
          used_.emplace(name, ink->ink);
          classes += (classes.empty() ? "" : " ") + InkClass(name, ink->ink);
        }
      }
      body_ += fmt::format(" {}=\"{}\"", name, written);
    }
    if (!classes.empty()) body_ += fmt::format(" class=\"{}\"", classes);
    body_ += token.kind == Kind::kEmpty ? "/>\n" : ">";
  }

  std::string body_;
  std::vector<std::string> colors_{"black"};    // what currentColor is, innermost last
  std::set<std::pair<std::string, Ink>> used_;  // "fill" or "stroke", of which ink
};

}  // namespace

std::string EscapedXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') continue;  // no XML may hold it
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string ThemedSvg(std::string_view gnuplot_svg, const Chart& chart) {
  Writer writer;
  const std::string ground = writer.Paint("fill", Ink::kGround);
  for (Token& token : WithoutEmptyGroups(WithoutSections(Tokens(gnuplot_svg), {"title", "desc", "defs"}))) {
    if (token.name != "svg" && token.name != "tspan") writer.Write(std::move(token));
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
      "font-family=\"{2}\" font-size=\"{3}\">\n<title>{4}</title>\n<desc>{5}</desc>\n<style>{6}</style>\n"
      "<rect width=\"{0}\" height=\"{1}\"{7}/>\n{8}</svg>\n",
      chart.width, chart.height, kFonts, kChartTextSize, EscapedXml(chart.title), EscapedXml(chart.alt), writer.Style(),
      ground, writer.body());
}

}  // namespace tbench
