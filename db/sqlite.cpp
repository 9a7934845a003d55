#include "db/sqlite.hpp"

#include <sqlite3.h>

#include <array>

#include "space/problem.hpp"

namespace svetune::db {
namespace {

// What each kind of failure is, and what the user can do about it.
struct Explanation {
  int code;
  std::string_view what, remedy;
};

constexpr std::array kExplanations{
    Explanation{SQLITE_BUSY, "is locked by another program", "wait until that ends, or end it"},
    Explanation{SQLITE_LOCKED, "is locked by another program", "wait until that ends, or end it"},
    Explanation{SQLITE_READONLY, "cannot be written",
                "change the permissions of the file and its folder, or copy both"},
    Explanation{SQLITE_PERM, "cannot be opened", "change its permissions"},
    Explanation{SQLITE_AUTH, "cannot be opened", "change its permissions"},
    Explanation{SQLITE_CANTOPEN, "cannot be opened",
                "check that its folder exists, and that the file and the folder can be read and written"},
    Explanation{SQLITE_FULL, "cannot grow: the disk is full", "free some space and run again; what was stored is kept"},
    Explanation{SQLITE_IOERR, "cannot be read or written",
                "check the disk and its free space, then run again; what was stored is kept"},
    Explanation{SQLITE_NOTADB, "is not a svetune database", "name another file"},
    Explanation{SQLITE_CORRUPT, "is damaged", "save what is left: sqlite3 FILE .recover | sqlite3 NEW.db"},
};

// Characters that a file: URI gives a meaning.
std::string as_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char character : std::filesystem::absolute(file).string()) {
    if (character == '%' || character == '?' || character == '#') {
      const auto byte = static_cast<unsigned char>(character);
      uri += {'%', kHex[byte / 16U], kHex[byte % 16U]};
    } else {
      uri += character;
    }
  }
  return uri + "?immutable=1";
}

std::string message(const std::filesystem::path& file, sqlite3* handle) {
  const int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
  const std::string detail = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
  for (const auto& explanation : kExplanations) {
    if (explanation.code != (code & 0xff)) continue;
    return "database " + file.string() + " " + std::string(explanation.what) + " (" + detail + "); " +
           std::string(explanation.remedy);
  }
  return "database " + file.string() + ": " + detail + "; check it with: sqlite3 FILE 'PRAGMA integrity_check'";
}

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}
void Connection::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Connection::Connection(const std::filesystem::path& file, Access access, std::chrono::milliseconds wait) : file_(file) {
  // Our own locks keep threads apart.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (access == Access::immutable) flags |= SQLITE_OPEN_URI;
  // A name that starts with "file:" or is ":memory:" is a file's name all the same.
  const std::string name = access == Access::immutable ? as_uri(file) : std::filesystem::absolute(file).string();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail();
  sqlite3_busy_timeout(handle, static_cast<int>(wait.count()));
}

void Connection::fail() const {
  throw InputError(message(file_, handle_.get()));
}

void Connection::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Connection::roll_back() noexcept {
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Connection::number(const char* sql) {
  Query query(*this, sql);
  return query.step() ? query.integer(0) : 0;
}

std::string Connection::text(const char* sql) {
  Query query(*this, sql);
  return query.step() ? query.text(0) : std::string{};
}

std::int64_t Connection::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_.get());
}
std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_.get());
}

sqlite3_stmt* Connection::prepared(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail();
  statements_[std::string(sql)].reset(statement);
  return statement;
}

Query::Query(Connection& connection, std::string_view sql, Begin)
    : connection_(connection), statement_(connection.prepared(sql)) {}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail();
  return false;
}

void Query::run() {
  while (step()) {
  }
}

bool Query::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Query::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Query::text(int column) const {
  const auto bytes = blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> Query::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<double> Query::optional_real(int column) const {
  return null(column) ? std::nullopt : std::optional(real(column));
}

std::optional<std::string> Query::optional_text(int column) const {
  return null(column) ? std::nullopt : std::optional(text(column));
}

void Query::bind(int index, std::nullptr_t) {
  sqlite3_bind_null(statement_, index);
}
void Query::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}
void Query::bind(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
}

// Copied: the caller's value may be a temporary.
void Query::bind(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}
void Query::bind(int index, std::span<const std::byte> value) {
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  sqlite3_bind_blob64(statement_, index, data, value.size(), SQLITE_TRANSIENT);
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  connection_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) connection_.roll_back();
}

void Transaction::commit() {
  connection_.execute("COMMIT");
  open_ = false;
}

}  // namespace svetune::db
