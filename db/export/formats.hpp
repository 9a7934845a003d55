// What a database is exported as. A format is one file in this folder and one line in formats.cpp.
#pragma once

#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "db/store.hpp"

namespace svetune::db {

struct ExportOptions {
  std::optional<std::string> processor, timer;  // these only
  std::optional<Problem> problem;               // this one only: formats that hold one problem a file
};

struct Format {
  std::string_view name;  // "header"
  std::string_view help;
  // The same content gives the same bytes. Throws InputError where there is nothing to export.
  void (*write)(const Store& store, const ExportOptions& options, std::ostream& out);
};

std::span<const Format> formats();
const Format& find_format(std::string_view name);  // throws InputError that lists the formats

std::string export_text(const Format& format, const Store& store, const ExportOptions& options = {});
std::string export_header(const Store& store, const ExportOptions& options = {});

}  // namespace svetune::db
