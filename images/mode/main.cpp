#include "images/mode/run.hpp"

int main(int argc, char** argv) { return photon::mode::run({argv + 1, argv + argc}); }
