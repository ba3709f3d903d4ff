/// \file
/// Who looks out for what ends with its owner's etcd lease (place.h).
#pragma once

#include <cstddef>

namespace lockable::etcd {

/// So many tickets at the front of the queue: two, so that one may be stopped or killed.
constexpr std::size_t kLookouts = 2;

/// Whether who leaves that place is followed by another lookout, who has to be told.
constexpr bool leaves_lookouts(std::size_t place) { return place >= 1 && place <= kLookouts; }

}  // namespace lockable::etcd
