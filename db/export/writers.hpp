// The functions behind the table of formats, one file each.
#pragma once

#include <ostream>
#include <string>

#include "db/export/formats.hpp"

namespace svetune::db {

void write_header(const Store& store, const ExportOptions& options, std::ostream& out);
void write_instantiations(const Store& store, const ExportOptions& options, std::ostream& out);
void write_json(const Store& store, const ExportOptions& options, std::ostream& out);
void write_kernel_tuner(const Store& store, const ExportOptions& options, std::ostream& out);
void write_t4(const Store& store, const ExportOptions& options, std::ostream& out);
void write_csv(const Store& store, const ExportOptions& options, std::ostream& out);

bool selected(const Evaluation& evaluation, const Machine& machine, const ExportOptions& options);
// The shortest text that reads back as the same number, the same in every locale.
std::string number_text(double value);

}  // namespace svetune::db
