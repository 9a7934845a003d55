#include "db/schema.hpp"

#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "space/problem.hpp"

namespace svetune::db {
namespace {

enum class Kind : std::uint8_t { empty, ours, foreign };

Kind kind_of(Connection& connection) {
  const auto id = connection.number("PRAGMA application_id");
  if (id == kApplicationId) return Kind::ours;
  const bool empty = id == 0 && connection.number("SELECT count(*) FROM sqlite_schema") == 0;
  return empty ? Kind::empty : Kind::foreign;
}

void refuse_foreign(const Connection& connection) {
  throw InputError("database " + connection.file().string() +
                   " is not a svetune database (another program's SQLite file); name another file");
}

void refuse_newer(Connection& connection, std::size_t known) {
  const auto version = connection.number("PRAGMA user_version");
  if (version <= static_cast<std::int64_t>(known)) return;
  throw InputError("database " + connection.file().string() + " has schema " + std::to_string(version) +
                   ", this program knows schemas up to " + std::to_string(known) +
                   "; use the newer svetune that wrote it");
}

// Write-ahead logs need memory shared between processes, which these file systems do not give between hosts.
bool on_network(const std::filesystem::path& file) {
  constexpr std::array<std::uint64_t, 12> kNetworkFileSystems = {
      0x6969,      // NFS
      0x517B,      // SMB
      0xFE534D42,  // SMB 2
      0xFF534D42,  // CIFS
      0x0BD00BD0,  // Lustre
      0x47504653,  // GPFS
      0x19830326,  // BeeGFS
      0x00C36400,  // Ceph
      0x5346414F,  // AFS
      0x01021997,  // 9P
      0x20030528,  // OrangeFS
      0x65735546,  // FUSE: may be any of them
  };
  struct statfs facts{};
  if (statfs(file.c_str(), &facts) != 0) return true;  // unknown: the journal that works everywhere
  const auto type = static_cast<std::uint64_t>(facts.f_type) & 0xFFFFFFFFU;
  return std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), type) != kNetworkFileSystems.end();
}

// WAL: one fsync a commit, readers beside a writer. Elsewhere a rollback journal, whose folder is synchronised too, so
// that a commit survives a power cut. SQLite waits for no lock while it changes the journal: another process that opens
// the same file may make it fail once.
void choose_journal(Connection& connection, std::chrono::milliseconds wait) {
  const bool network = on_network(connection.file());
  const auto deadline = std::chrono::steady_clock::now() + wait;
  const std::string wanted = network ? "delete" : "wal";
  std::string mode = connection.text("PRAGMA journal_mode");
  while (mode != wanted) {
    try {
      mode = connection.text(network ? "PRAGMA journal_mode = DELETE" : "PRAGMA journal_mode = WAL");
      break;  // what SQLite has chosen instead is as safe
    } catch (const InputError&) {
      if (std::chrono::steady_clock::now() >= deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  connection.execute(mode == "wal" ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = EXTRA");
}

Connection open_to_write(const std::filesystem::path& file, std::chrono::milliseconds wait) {
  Connection connection(file, Connection::Access::write, wait);
  if (kind_of(connection) == Kind::foreign) refuse_foreign(connection);
  refuse_newer(connection, migrations().size());
  choose_journal(connection, wait);
  migrate(connection, migrations());  // may rebuild a table that others refer to
  connection.execute("PRAGMA foreign_keys = ON");
  return connection;
}

// A database in a folder that we cannot write: no file can be put beside it, and none is needed where no log is left.
bool needs_no_lock(const std::filesystem::path& file) {
  const auto folder = std::filesystem::absolute(file).parent_path();
  std::error_code ignored;
  return access(folder.c_str(), W_OK) != 0 && !std::filesystem::exists(file.string() + "-wal", ignored);
}

Connection open_to_read(const std::filesystem::path& file, std::chrono::milliseconds wait) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    throw InputError("there is no database " + file.string() + "; svetune sweep --db " + file.string() + " makes one");
  using Access = Connection::Access;
  Connection connection(file, needs_no_lock(file) ? Access::immutable : Access::read, wait);
  switch (kind_of(connection)) {
    case Kind::foreign:
      refuse_foreign(connection);
      break;
    case Kind::empty:
      throw InputError("database " + file.string() + " is empty; svetune sweep --db " + file.string() + " fills it");
    case Kind::ours:
      break;
  }
  refuse_newer(connection, migrations().size());
  if (connection.number("PRAGMA user_version") < static_cast<std::int64_t>(migrations().size()))
    throw InputError(
        "database " + file.string() +
        " has an older schema; any svetune command that writes brings it up to date, for example: svetune sweep");
  return connection;
}

}  // namespace

void migrate(Connection& connection, std::span<const Migration> steps) {
  const auto wanted = static_cast<std::int64_t>(steps.size());
  if (connection.number("PRAGMA user_version") >= wanted) return;
  Transaction transaction(connection);
  // Another process may have taken steps while we waited for the lock.
  auto version = connection.number("PRAGMA user_version");
  for (; version < wanted; ++version) connection.execute(steps[static_cast<std::size_t>(version)].sql);
  connection.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  connection.execute(("PRAGMA user_version = " + std::to_string(version)).c_str());
  transaction.commit();
}

Connection open_database(const std::filesystem::path& file, OpenMode mode, std::chrono::milliseconds wait) {
  return mode == OpenMode::read_only ? open_to_read(file, wait) : open_to_write(file, wait);
}

}  // namespace svetune::db
