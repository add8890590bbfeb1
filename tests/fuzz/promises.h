#pragma once

#include <string_view>

// What fuzz targets hold texts to. A promise that is broken is printed and ends the program, as a crash does.
namespace tbench {

void Require(bool promise, std::string_view what, std::string_view text = {});

// No control character, and nothing that GitHub would read as a workflow command: what may go to a terminal or a log.
void RequireOneLine(std::string_view text);
// The same of text of many lines.
void RequireTerminalText(std::string_view text);

// Outside of code no tag, no link and no picture; `pictures`: a line may begin with one.
void RequireMarkdown(std::string_view text, bool pictures = false);

// Tags, attributes and nesting are those that our page or picture has; no control character.
void RequireHtml(std::string_view text);

// As many records of as many cells as that, by RFC 4180; no cell that a spreadsheet computes.
void RequireCsv(std::string_view text, std::size_t rows, std::size_t columns);

}  // namespace tbench
