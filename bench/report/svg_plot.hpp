#pragma once

#include "bench/report/report.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// The scale of a plot's axis.
enum class axis : std::uint8_t {
  linear,  ///< linear, from 0
  decades, ///< logarithmic
  nines,   ///< shares: as much space for 99 to 99.9 % as for 90 to 99 %
};

/// A plot with several curves, as inline SVG. Its colours come from the page: the n-th curve
/// has the class `run-n`.
class svg_plot {
 public:
  svg_plot(std::string title, axis across, axis up, unit in)
      : title_(std::move(title)), across_(across), up_(up), unit_(in) {}

  /// Adds a curve whose colour is `index`. Points outside the axes are left out.
  void add(std::size_t index, std::string name, std::vector<std::pair<double, double>> points);
  [[nodiscard]] bool is_empty() const { return curves_.empty(); }
  [[nodiscard]] std::string draw() const;

 private:
  struct curve {
    std::size_t index = 0;
    std::string name;
    std::vector<std::pair<double, double>> points; ///< placed on the axes
  };
  struct range {
    double least = 0;
    double most = 1;
  };

  [[nodiscard]] range reach() const;
  [[nodiscard]] range span() const;
  void draw_grid(std::string& svg, const range& x, const range& y) const;
  void draw_curves(std::string& svg, const range& x, const range& y) const;

  std::string title_;
  axis across_;
  axis up_;
  unit unit_;
  std::vector<curve> curves_;
};

/// Escapes text for HTML and SVG.
[[nodiscard]] std::string escape_html(std::string_view text);

} // namespace hubbub::bench
