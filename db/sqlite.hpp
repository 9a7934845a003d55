// SQLite behind RAII; sqlite3.h stays in sqlite.cpp. Every error is an InputError that names the file and the remedy.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace svetune::db {

class Query;

// One connection; used by one thread at a time.
class Connection {
 public:
  enum class Access : std::uint8_t {
    read,       // the file exists and is only read
    immutable,  // as read, and nobody writes it: no lock, no file beside it
    write,      // created where it is missing
  };
  Connection(const std::filesystem::path& file, Access access, std::chrono::milliseconds wait);

  void execute(const char* sql);
  // Ends the transaction if there still is one: SQLite rolls back by itself on some errors (a full disk).
  void roll_back() noexcept;
  // The first column of the first row, as a number.
  std::int64_t number(const char* sql);
  std::string text(const char* sql);
  std::int64_t last_row_id() const;
  std::int64_t changes() const;
  const std::filesystem::path& file() const { return file_; }
  [[noreturn]] void fail() const;  // the last error of SQLite

 private:
  friend class Query;
  sqlite3_stmt* prepared(std::string_view sql);  // cached

  struct Close {
    void operator()(sqlite3* handle) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Close>, std::less<>> statements_;
};

// A prepared statement in use: its parameters are bound in order, its rows are stepped through, and it is given back
// when this object ends. The same SQL cannot be used twice at the same time.
class Query {
 public:
  template <class... Values>
  Query(Connection& connection, std::string_view sql, const Values&... values) : Query(connection, sql, Begin{}) {
    int index = 0;
    (bind(++index, values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool step();  // false: no further row
  void run();   // steps to the end

  bool null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::span<const std::byte> blob(int column) const;  // until the next step
  std::optional<double> optional_real(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  struct Begin {};
  Query(Connection& connection, std::string_view sql, Begin);
  void bind(int index, std::nullptr_t);
  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, std::span<const std::byte> value);
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, std::int32_t value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::uint32_t value) { bind(index, std::int64_t{value}); }
  template <class Value>
  void bind(int index, const std::optional<Value>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }

  Connection& connection_;
  sqlite3_stmt* statement_;
};

// Rolled back unless committed. Takes the write lock at once, so that it waits at its start and nowhere else.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace svetune::db
