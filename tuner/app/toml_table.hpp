// A table of a TOML file that a person wrote: typed reading, and errors that name the file, the line and the known
// keys.
#pragma once

#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "space/problem.hpp"

namespace svetune::app {

class TomlTable {
 public:
  // Refuses a key that is not among `known`.
  TomlTable(const toml::table& table, std::string file, const std::string& where,
            std::initializer_list<std::string_view> known)
      : table_(table), file_(std::move(file)) {
    const auto unknown = std::find_if(table_.begin(), table_.end(), [&](const auto& entry) {
      return std::find(known.begin(), known.end(), entry.first.str()) == known.end();
    });
    if (unknown == table_.end()) return;
    std::string list;
    for (const std::string_view name : known) list.append(list.empty() ? "" : ", ").append(name);
    const toml::key& key = unknown->first;
    fail_at(key.source(), "unknown key '" + std::string(key.str()) + "'" + where + "; known keys are: " + list);
  }

  bool has(std::string_view key) const { return table_.contains(key); }
  const toml::node* find(std::string_view key) const { return table_.get(key); }

  template <typename T>
  T value(std::string_view key, T fallback, std::string_view expected) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return fallback;
    const auto read = node->value<T>();
    if (!read) fail(*node, "'" + std::string(key) + "' must be " + std::string(expected));
    return *read;
  }

  // A value or a list of values, each handed to `visit`.
  void each(std::string_view key, const std::function<void(const toml::node&)>& visit) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    if (const toml::array* list = node->as_array()) {
      if (list->empty()) fail(*node, "'" + std::string(key) + "' is an empty list; leave it out or name something");
      for (const toml::node& item : *list) visit(item);
    } else {
      visit(*node);
    }
  }

  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> out;
    each(key, [&](const toml::node& node) {
      const auto text = node.value<std::string>();
      if (!text) fail(node, "'" + std::string(key) + "' must be a string or a list of strings");
      out.push_back(*text);
    });
    return out;
  }

  // Runs `read` and puts file and line of the node before the message of an InputError.
  template <typename Read>
  auto at(const toml::node& node, const Read& read) const {
    try {
      return read();
    } catch (const InputError& error) {
      fail(node, error.what());
    }
  }

  const std::string& file() const { return file_; }
  const toml::table& raw() const { return table_; }
  [[noreturn]] void fail(const toml::node& node, const std::string& what) const { fail_at(node.source(), what); }
  [[noreturn]] void fail_at(const toml::source_region& source, const std::string& what) const {
    throw InputError(file_ + ":" + std::to_string(source.begin.line) + ": " + what);
  }

 private:
  const toml::table& table_;
  std::string file_;
};

}  // namespace svetune::app
