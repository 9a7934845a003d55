#include "model/flow_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "model/error.hpp"

namespace svetune::model {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::uint16_t number(std::string_view text, std::string_view flow) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw ModelError("'" + std::string(text) + "' is no number in the flow '" + std::string(flow) + "'");
  return value;
}

std::uint8_t find_group(std::string_view name, const std::vector<PipeGroup>& groups, std::string_view flow) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const PipeGroup& g) { return g.name == name; });
  if (found == groups.end())
    throw ModelError("no [[pipe_group]] '" + std::string(name) + "' for the flow '" + std::string(flow) + "'");
  return static_cast<std::uint8_t>(found - groups.begin());
}

struct RoleName {
  std::string_view name;
  Role role;
};
constexpr RoleName kRoles[] = {{"load", Role::load},       {"store", Role::store_address},
                               {"data", Role::store_data}, {"writeback", Role::writeback},
                               {"branch", Role::branch},   {"prefetch", Role::prefetch}};

void apply(std::string_view word, Flow& flow, unsigned& copies, std::string_view text) {
  const auto role =
      std::find_if(std::begin(kRoles), std::end(kRoles), [&](const RoleName& r) { return r.name == word; });
  if (role != std::end(kRoles)) {
    flow.role = role->role;
  } else if (word == "after") {
    flow.after = true;
  } else if (word == "last") {
    flow.inputs = Inputs::last;
  } else if (word == "none") {
    flow.inputs = Inputs::none;
  } else if (word == "split") {
    flow.split = true;
  } else if (word == "compare") {
    flow.compare = true;
  } else if (word.starts_with("busy=")) {
    flow.busy = number(word.substr(5), text);
  } else if (word.starts_with("forward=")) {
    flow.forward = number(word.substr(8), text);
  } else if (word.starts_with("x")) {
    copies = number(word.substr(1), text);
  } else {
    throw ModelError("unknown word '" + std::string(word) + "' in the flow '" + std::string(text) + "'");
  }
}

}  // namespace

std::vector<Flow> parse_flows(std::string_view text, const std::vector<PipeGroup>& groups) {
  std::vector<Flow> flows;
  for (const std::string_view micro_op : split(text, ';')) {
    bool paired = false;
    for (const std::string_view part : split(micro_op, '+')) {
      const std::vector<std::string_view> words = split(part, ' ');
      if (words.empty()) throw ModelError("an empty flow in '" + std::string(text) + "'");
      Flow flow;
      unsigned copies = 1;
      if (words[0] == "nothing") {
        flow.role = Role::nothing;
      } else {
        if (words.size() < 2) throw ModelError("the flow '" + std::string(part) + "' needs pipes and a latency");
        flow.group = find_group(words[0], groups, part);
        flow.latency = number(words[1], part);
        for (std::size_t i = 2; i < words.size(); ++i) apply(words[i], flow, copies, part);
      }
      flow.paired = paired;
      flows.insert(flows.end(), copies, flow);
      paired = true;
    }
  }
  if (flows.empty()) throw ModelError("no flow in '" + std::string(text) + "'; write 'nothing' for an empty one");
  return flows;
}

}  // namespace svetune::model
