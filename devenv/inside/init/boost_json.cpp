// Boost.JSON compiled in: the distribution's static library is not everywhere.
#include <boost/json/src.hpp>
