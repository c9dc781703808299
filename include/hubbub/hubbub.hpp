#pragma once

/// Includes the whole library but for `proto.hpp`, which stands alone.
#include <hubbub/broker.hpp>
#include <hubbub/gateway.hpp>
#include <hubbub/remote.hpp>
