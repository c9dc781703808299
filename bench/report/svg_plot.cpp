#include "bench/report/svg_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace hubbub::bench {
namespace {

// The picture's own units; the page scales it.
constexpr double width = 640;
constexpr double height = 300;
constexpr double left = 74;
constexpr double right = width - 26;
constexpr double top = 34;
constexpr double bottom = height - 30;
constexpr double most_nines = 5; ///< 99.999 %
constexpr int lines_wanted = 5;

constexpr std::array<std::pair<double, const char*>, 7> share_lines{{{0.0, "0"},
                                                                     {0.5, "50 %"},
                                                                     {0.9, "90 %"},
                                                                     {0.99, "99 %"},
                                                                     {0.999, "99.9 %"},
                                                                     {0.9999, "99.99 %"},
                                                                     {0.99999, "99.999 %"}}};

double scaled(double value, axis on) {
  if (on == axis::decades) return std::log10(value);
  if (on == axis::nines) return std::min(most_nines, -std::log10(1 - std::min(value, 1.0)));
  return value;
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string seconds_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g s", value);
  return text.data();
}

/// Returns 1, 2 or 5 times a power of ten, so that about `lines_wanted` of them make `most`.
double round_step(double most) {
  const auto raw = most / lines_wanted;
  const auto power = std::pow(10, std::floor(std::log10(raw)));
  for (const auto factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw) return factor * power;
  return 10 * power;
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" +
         std::string{anchor} + "\">" + escape_html(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\"/>\n";
}

} // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const auto letter : text) {
    switch (letter) {
    case '<': escaped += "&lt;"; break;
    case '>': escaped += "&gt;"; break;
    case '&': escaped += "&amp;"; break;
    case '"': escaped += "&quot;"; break;
    default: escaped += letter;
    }
  }
  return escaped;
}

void svg_plot::add(std::size_t index, std::string name,
                   std::vector<std::pair<double, double>> points) {
  std::erase_if(
      points, [this](const auto& point) { return up_ == axis::decades && point.second <= 0; });
  for (auto& [x, y] : points) {
    x = scaled(x, across_);
    y = scaled(y, up_);
  }
  if (points.size() > 1) curves_.push_back({index, std::move(name), std::move(points)});
}

svg_plot::range svg_plot::reach() const {
  range x{0, 0};
  for (const auto& drawn : curves_)
    for (const auto& point : drawn.points)
      x.most = std::max(x.most, point.first);
  if (x.most <= 0) x.most = 1;
  return x;
}

svg_plot::range svg_plot::span() const {
  range y{curves_.front().points.front().second, 0};
  y.most = y.least;
  for (const auto& drawn : curves_)
    for (const auto& point : drawn.points) {
      y.least = std::min(y.least, point.second);
      y.most = std::max(y.most, point.second);
    }
  if (up_ == axis::decades) {
    y = {std::floor(y.least), std::ceil(y.most)};
  } else {
    y.least = 0;
    y.most = y.most > 0 ? std::ceil(y.most / round_step(y.most)) * round_step(y.most) : 1;
  }
  if (y.most <= y.least) y.most = y.least + 1;
  return y;
}

std::string svg_plot::draw() const {
  if (is_empty()) return {};
  const auto x = reach();
  const auto y = span();
  std::string svg = "<svg viewBox=\"0 0 " + number(width) + " " + number(height) +
                    "\" role=\"img\" aria-label=\"" + escape_html(title_) + "\">\n";
  svg += "<g class=\"title\">" + text_at(left, top - 14, "start", title_) + "</g>\n";
  draw_grid(svg, x, y);
  draw_curves(svg, x, y);
  return svg += "</svg>\n";
}

void svg_plot::draw_grid(std::string& svg, const range& x, const range& y) const {
  const auto across = [&x](double at) {
    return left + (at - x.least) / (x.most - x.least) * (right - left);
  };
  const auto up = [&y](double at) {
    return bottom - (at - y.least) / (y.most - y.least) * (bottom - top);
  };
  svg += "<g class=\"grid\">\n";
  const auto step = up_ == axis::decades ? 1.0 : round_step(y.most);
  for (auto at = y.least; at <= y.most + step / 2; at += step) {
    svg += line(left, up(at), right, up(at));
    const auto value = up_ == axis::decades ? std::pow(10, at) : at;
    svg += text_at(left - 6, up(at) + 4, "end", show(value, unit_));
  }
  if (across_ == axis::nines) {
    for (const auto& [share, name] : share_lines) {
      const auto at = scaled(share, axis::nines);
      if (at > x.most + 1e-9) break;
      svg += line(across(at), top, across(at), bottom);
      svg += text_at(across(at), bottom + 18, "middle", name);
    }
  } else {
    const auto seconds = round_step(x.most);
    for (auto at = 0.0; at <= x.most; at += seconds) {
      svg += line(across(at), top, across(at), bottom);
      svg += text_at(across(at), bottom + 18, "middle", seconds_text(at));
    }
  }
  svg += "</g>\n";
}

void svg_plot::draw_curves(std::string& svg, const range& x, const range& y) const {
  for (const auto& drawn : curves_) {
    svg += "<polyline class=\"run-" + std::to_string(drawn.index) + "\" points=\"";
    for (const auto& [px, py] : drawn.points) {
      const auto across = left + (px - x.least) / (x.most - x.least) * (right - left);
      const auto up = bottom - (py - y.least) / (y.most - y.least) * (bottom - top);
      svg += number(across) + "," + number(up) + " ";
    }
    svg += "\"><title>" + escape_html(drawn.name) + "</title></polyline>\n";
  }
}

} // namespace hubbub::bench
