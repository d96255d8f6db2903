#include "images/firstboot/run.hpp"

int main(int argc, char** argv) { return photon::first_boot::run({argv + 1, argv + argc}); }
