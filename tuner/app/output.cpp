#include "app/output.hpp"

#include <array>
#include <ostream>
#include <utility>

namespace svetune::app {
namespace {

constexpr std::array<std::pair<const char*, OutputFormat>, 3> kFormats{
    {{"json", OutputFormat::json}, {"csv", OutputFormat::csv}, {"markdown", OutputFormat::markdown}}};

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) quoted += character == '"' ? std::string("\"\"") : std::string(1, character);
  return quoted + '"';
}

std::string markdown_field(const std::string& text) {
  std::string safe;
  for (const char character : text) {
    if (character == '|') safe += '\\';
    safe += character == '\n' ? ' ' : character;
  }
  return safe;
}

template <class Field>
std::string line(const std::vector<std::string>& cells, const std::string& between, Field field) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i == 0 ? "" : between) + field(cells[i]);
  return text;
}

std::vector<std::string> names(const Table& table) {
  std::vector<std::string> names;
  names.reserve(table.columns.size());
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

}  // namespace

void add_output_options(Options& options) {
  options.add()("json", "print JSON")  //
      ("csv", "print CSV (RFC 4180)")  //
      ("markdown", "print a Markdown table");
}

OutputFormat output_format(const Options& options) {
  OutputFormat chosen = OutputFormat::text;
  for (const auto& [name, format] : kFormats) {
    if (!options.has(name)) continue;
    if (chosen != OutputFormat::text) throw InputError("give one of --json, --csv and --markdown");
    chosen = format;
  }
  return chosen;
}

std::string csv_text(const Table& table) {
  std::string text = line(names(table), ",", csv_field) + "\n";
  for (const auto& row : table.rows) text += line(row, ",", csv_field) + "\n";
  return text;
}

std::string markdown_text(const Table& table) {
  std::string text = "| " + line(names(table), " | ", markdown_field) + " |\n|";
  for (const Column& column : table.columns) text += column.right ? "---:|" : "---|";
  text += '\n';
  for (const auto& row : table.rows) text += "| " + line(row, " | ", markdown_field) + " |\n";
  return text;
}

std::string plain_text(const Table& table) {
  std::vector<std::vector<std::string>> rows{names(table)};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::vector<bool> right;
  right.reserve(table.columns.size());
  for (const Column& column : table.columns) right.push_back(column.right);
  return table_text(rows, right);
}

void print(std::ostream& out, OutputFormat format, const Output& output) {
  switch (format) {
    case OutputFormat::text:
      out << output.text();
      break;
    case OutputFormat::json:
      // Text from outside may hold any bytes.
      out << output.json().dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
      break;
    case OutputFormat::csv:
      out << csv_text(output.table());
      break;
    case OutputFormat::markdown:
      out << markdown_text(output.table());
      break;
  }
}

db::Store open_to_read(const std::string& file) {
  if (!std::filesystem::exists(file)) throw InputError("there is no database " + file + "; svetune sweep makes one");
  return {file, db::Store::Mode::read_only};
}

}  // namespace svetune::app
