#pragma once

/// Includes the whole library but for `proto.hpp`, which stands alone.
#include <hubbub/broker.hpp>
