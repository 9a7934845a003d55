#include "db/lines.hpp"

#include <algorithm>
#include <tuple>

namespace svetune::db {
namespace {

auto key(const Line& line) {
  return std::tie(line.processor, line.vector_bits, line.timer);
}

bool has_times(Connection& connection, const Source& source, std::int64_t problem) {
  Query query(connection,
              "SELECT 1 FROM evaluations WHERE problem = ? AND machine = ? AND timer = ? AND status = 'ok' "
              "AND cycles IS NOT NULL LIMIT 1",
              problem, source.machine, source.timer);
  return query.step();
}

}  // namespace

std::vector<Line> select_lines(Connection& connection, const Store::Filter& filter) {
  const auto machine = filter.session ? std::optional(filter.session->machine) : std::nullopt;
  const auto timer = filter.session ? std::optional(filter.session->timer) : std::nullopt;
  // By dates and texts, never by ids: a merged database answers like the ones it was made of.
  Query query(connection,
              "SELECT m.id, t.id, t.version, m.processor, m.vector_bits, m.peak_flop_per_cycle, t.name "
              "FROM sweeps s JOIN machines m ON m.id = s.machine JOIN timers t ON t.id = s.timer "
              "WHERE (?1 IS NULL OR m.processor = ?1) AND (?2 IS NULL OR t.name = ?2) "
              "AND (?3 IS NULL OR m.id = ?3) AND (?4 IS NULL OR t.id = ?4) GROUP BY m.id, t.id "
              "ORDER BY max(s.started_at) DESC, t.version DESC, m.compiler DESC, m.flags DESC, "
              "m.clock_ghz DESC, m.peak_flop_per_cycle DESC",
              filter.processor, filter.timer, machine, timer);
  std::vector<Line> lines;
  while (query.step()) {
    Line line{query.text(3), static_cast<std::uint32_t>(query.integer(4)), query.real(5), query.text(6), {}};
    auto place = std::find_if(lines.begin(), lines.end(), [&](const Line& other) { return key(other) == key(line); });
    if (place == lines.end()) place = lines.insert(lines.end(), std::move(line));
    place->sources.push_back({query.integer(0), query.integer(1), query.text(2)});
  }
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return key(a) < key(b); });
  return lines;
}

std::vector<Source> comparable_sources(Connection& connection, const Line& line, std::int64_t problem) {
  std::vector<Source> sources;
  for (const Source& source : line.sources) {
    if (!sources.empty() && source.timer != sources.front().timer) continue;
    if (has_times(connection, source, problem)) sources.push_back(source);
  }
  return sources;
}

}  // namespace svetune::db
