// The schema as a list of migrations, and how a file is opened: recognised, migrated, set up for durable commits.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "db/sqlite.hpp"

namespace svetune::db {

// One step of the schema. `PRAGMA user_version` counts the steps that a file has taken: never change one, add one.
struct Migration {
  std::string_view name;
  const char* sql;
};
std::span<const Migration> migrations();  // db/migrations/*.sql

// "svet" in the file's header: what makes a SQLite file a svetune database.
inline constexpr std::int64_t kApplicationId = 0x73766574;

// Takes the steps that the file has not taken, all or none. Two processes may do it at the same time.
void migrate(Connection& connection, std::span<const Migration> steps);

enum class OpenMode : std::uint8_t { read_only, read_write };
// Throws InputError: missing (read_only), another program's file, a newer schema, not writable, locked for `wait`.
Connection open_database(const std::filesystem::path& file, OpenMode mode, std::chrono::milliseconds wait);

}  // namespace svetune::db
