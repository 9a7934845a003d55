// What a command answers with: a table as text, CSV or Markdown, or JSON; the same options in every command.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "app/present.hpp"

namespace svetune::app {

enum class OutputFormat : std::uint8_t { text, json, csv, markdown };

// --json, --csv, --markdown; text where none is given.
void add_output_options(Options& options);
OutputFormat output_format(const Options& options);  // throws InputError where two are given

struct Column {
  std::string name;
  bool right = false;  // a number
};
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};
std::string csv_text(const Table& table);       // RFC 4180
std::string markdown_text(const Table& table);  // GitHub's
std::string plain_text(const Table& table);

struct Output {
  std::function<Json()> json;
  std::function<std::string()> text;
  std::function<Table()> table;  // for CSV and Markdown
};
void print(std::ostream& out, OutputFormat format, const Output& output);

// Opens a database to read; a missing one names the command that makes one.
db::Store open_to_read(const std::string& file);

}  // namespace svetune::app
