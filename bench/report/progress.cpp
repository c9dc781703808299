#include "bench/report/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace hubbub::bench {
namespace {

constexpr std::chrono::milliseconds pause{200};
constexpr int bar_width = 24;

} // namespace

progress::progress(event_loop& loop, const tally& counts, bool wanted)
    : loop_(&loop), counts_(&counts), shown_(wanted && ::isatty(STDERR_FILENO) == 1) {
  if (shown_) draw_later();
}

void progress::stage(std::string name, std::function<double()> part) {
  name_ = std::move(name);
  part_ = std::move(part);
  if (shown_) draw();
}

void progress::stage(std::string name, std::chrono::nanoseconds time) {
  const auto begun = loop_->tick();
  stage(std::move(name), [this, begun, time] {
    return std::chrono::duration<double>{loop_->now() - begun} / time;
  });
}

void progress::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void progress::draw() {
  const auto now = loop_->tick();
  const auto elapsed = std::chrono::duration<double>{now - drawn_at_}.count();
  const auto rate = [elapsed](std::uint64_t after, std::uint64_t before) {
    return elapsed > 0 ? static_cast<double>(after - before) / elapsed : 0;
  };
  const auto part = std::clamp(part_ ? part_() : 0.0, 0.0, 1.0);
  const auto filled = static_cast<int>(std::lround(part * bar_width));
  std::string bar(bar_width, '.');
  std::fill_n(bar.begin(), filled, '#');
  std::fprintf(stderr, "\r\x1b[K%-12s [%s]", name_.c_str(), bar.c_str());
  const auto show_rate = [&rate](std::uint64_t after, std::uint64_t before, const char* what) {
    if (after > before) std::fprintf(stderr, "  %.0f %s/s", rate(after, before), what);
  };
  show_rate(counts_->deliveries, drawn_.deliveries, "deliveries");
  show_rate(counts_->sent, drawn_.sent, "sent");
  show_rate(counts_->connects, drawn_.connects, "connects");
  show_rate(counts_->requests, drawn_.requests, "requests");
  drawn_ = *counts_;
  drawn_at_ = now;
}

void progress::draw_later() {
  loop_->at(loop_->now() + pause, [this] {
    draw();
    draw_later();
  });
}

} // namespace hubbub::bench
