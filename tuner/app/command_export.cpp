// svetune export: what a database knows, as a C/C++ header or another format.
#include <fstream>
#include <iterator>
#include <ostream>

#include "app/command.hpp"
#include "app/options.hpp"
#include "db/atomic_file.hpp"
#include "db/export/check.hpp"
#include "db/export/formats.hpp"

namespace svetune::app {
namespace {

std::string format_list() {
  std::size_t width = 0;
  for (const db::Format& format : db::formats()) width = std::max(width, format.name.size());
  std::string list;
  for (const db::Format& format : db::formats())
    list += "  " + std::string(format.name) + std::string(width + 2 - format.name.size(), ' ') +
            std::string(format.help) + '\n';
  return list;
}

db::ExportOptions export_options(const Options& options) {
  db::ExportOptions chosen{options.text("processor"), options.text("timer"), {}};
  if (const auto problem = options.text("problem")) chosen.problem = parse_problem(*problem);
  return chosen;
}

// 0: as it would be written now; 1: stale.
int check(const std::string& file, const db::Format& format, const std::string& fresh, const Environment& environment) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, ignored))
    throw InputError("cannot read " + file + "; write it first with -o " + file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::optional<std::string> why;
  if (format.name == "header") {
    try {
      why = db::why_stale(text, fresh);
    } catch (const InputError& error) {
      throw InputError(file + " cannot be checked: " + error.what() + " " + file);
    }
  } else if (text != fresh) {
    why = "the texts differ";
  }
  environment.out << file << (why ? " is stale: " + *why + "; write it again with -o\n" : " is up to date\n");
  return why ? 1 : 0;
}

}  // namespace

int run_export(const Arguments& arguments, const Environment& environment) {
  Options options("export", "FORMAT --db FILE [-o FILE] [options]",
                  "Writes what a database knows. The same database gives the same bytes. Formats:\n" + format_list());
  options.add()("format", value("FORMAT"), "format (or as the first word)")                                      //
      ("db", value("FILE"), "database")                                                                          //
      ("output,o", value("FILE"), "file to write (default: standard output)")                                    //
      ("check", value("FILE"), "write nothing; tell whether FILE is what would be written: exit code 1 if not")  //
      ("timer", value("NAME"), "times of this timer only")                                                       //
      ("processor", value("NAME"), "this processor only")                                                        //
      ("problem", value("MxNCxD"), "this problem: of formats that hold one");
  options.positional("format", 1);
  if (!options.parse(arguments, environment)) return 0;
  const db::Format& format = db::find_format(options.required("format"));
  const std::string file = options.required("db");
  if (!std::filesystem::exists(file)) throw InputError("there is no database " + file + "; svetune sweep makes one");
  const db::Store store(file, db::Store::Mode::read_only);
  const std::string text = db::export_text(format, store, export_options(options));
  if (const auto stale = options.text("check")) return check(*stale, format, text, environment);
  if (const auto output = options.text("output")) {
    const bool written = db::write_atomically(*output, text);
    environment.out << *output << (written ? " written\n" : " is up to date\n");
  } else {
    environment.out << text;
  }
  return 0;
}

}  // namespace svetune::app
