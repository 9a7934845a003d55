#include "db/export/check.hpp"

#include <charconv>

#include "space/problem.hpp"

namespace svetune::db {
namespace {

// The rest of the line "#define NAME rest".
std::optional<std::string_view> constant(std::string_view text, std::string_view name) {
  const std::string start = "\n#define " + std::string(name) + " ";
  const auto at = text.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(at + start.size());
  return rest.substr(0, rest.find('\n'));
}

std::optional<std::int64_t> number(std::string_view text, std::string_view name) {
  const auto word = constant(text, name);
  std::int64_t value = 0;
  if (!word) return std::nullopt;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), value);
  if (error != std::errc{} || end != word->data() + word->size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::string> quoted(std::string_view text, std::string_view name) {
  const auto word = constant(text, name);
  if (!word || word->size() < 2 || word->front() != '"' || word->back() != '"') return std::nullopt;
  return std::string(word->substr(1, word->size() - 2));
}

}  // namespace

std::optional<HeaderFacts> read_header_facts(std::string_view text) {
  const auto format = number(text, "SVETUNE_CONFIG_FORMAT"), schema = number(text, "SVETUNE_CONFIG_DATABASE_SCHEMA"),
             entries = number(text, "SVETUNE_CONFIG_ENTRIES");
  const auto database = quoted(text, "SVETUNE_CONFIG_DATABASE"), version = quoted(text, "SVETUNE_CONFIG_TUNER_VERSION");
  if (!format || !schema || !entries || !database || !version) return std::nullopt;
  return HeaderFacts{*format, *schema, *entries, *database, *version};
}

std::optional<std::string> why_stale(std::string_view text, std::string_view fresh) {
  if (text == fresh) return std::nullopt;
  const auto old = read_header_facts(text), now = read_header_facts(fresh);
  if (!old) throw InputError("it is no header that svetune wrote; write one with -o");
  if (!now) return "the texts differ";
  if (old->tuner_version != now->tuner_version || old->format != now->format)
    return "it was written by svetune " + old->tuner_version + " (format " + std::to_string(old->format) +
           "), this is svetune " + now->tuner_version + " (format " + std::to_string(now->format) + ")";
  if (old->database != now->database)
    return "the content of the database is " + now->database + ", the header was written from " + old->database;
  return "it was changed by hand, or written with other options";
}

}  // namespace svetune::db
