#pragma once

/// Includes the whole library but for `proto.hpp`, which stands alone, and `store.hpp`.
#include <hubbub/application.hpp>
#include <hubbub/broker.hpp>
#include <hubbub/gateway.hpp>
#include <hubbub/hooks.hpp>
#include <hubbub/remote.hpp>
