#include "devenv/inside/init/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "devenv/inside/init/users.hpp"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

namespace photon::inside {
namespace {

enum class Field { character, input, local, output, control };
struct Mode {
  std::uint8_t opcode;
  Field field;
  unsigned value;  ///< index in c_cc, or the flag
};
// RFC 4254 section 8, with IUTF8 of RFC 8160. Those that Linux lacks are left out.
constexpr std::array modes_table{
    Mode{1, Field::character, VINTR},     Mode{2, Field::character, VQUIT},
    Mode{3, Field::character, VERASE},    Mode{4, Field::character, VKILL},
    Mode{5, Field::character, VEOF},      Mode{6, Field::character, VEOL},
    Mode{7, Field::character, VEOL2},     Mode{8, Field::character, VSTART},
    Mode{9, Field::character, VSTOP},     Mode{10, Field::character, VSUSP},
    Mode{12, Field::character, VREPRINT}, Mode{13, Field::character, VWERASE},
    Mode{14, Field::character, VLNEXT},   Mode{18, Field::character, VDISCARD},
    Mode{30, Field::input, IGNPAR},       Mode{31, Field::input, PARMRK},
    Mode{32, Field::input, INPCK},        Mode{33, Field::input, ISTRIP},
    Mode{34, Field::input, INLCR},        Mode{35, Field::input, IGNCR},
    Mode{36, Field::input, ICRNL},        Mode{37, Field::input, IUCLC},
    Mode{38, Field::input, IXON},         Mode{39, Field::input, IXANY},
    Mode{40, Field::input, IXOFF},        Mode{41, Field::input, IMAXBEL},
    Mode{42, Field::input, IUTF8},        Mode{50, Field::local, ISIG},
    Mode{51, Field::local, ICANON},       Mode{52, Field::local, XCASE},
    Mode{53, Field::local, ECHO},         Mode{54, Field::local, ECHOE},
    Mode{55, Field::local, ECHOK},        Mode{56, Field::local, ECHONL},
    Mode{57, Field::local, NOFLSH},       Mode{58, Field::local, TOSTOP},
    Mode{59, Field::local, IEXTEN},       Mode{60, Field::local, ECHOCTL},
    Mode{61, Field::local, ECHOKE},       Mode{62, Field::local, PENDIN},
    Mode{70, Field::output, OPOST},       Mode{71, Field::output, OLCUC},
    Mode{72, Field::output, ONLCR},       Mode{73, Field::output, OCRNL},
    Mode{74, Field::output, ONOCR},       Mode{75, Field::output, ONLRET},
    Mode{90, Field::control, CS7},        Mode{91, Field::control, CS8},
    Mode{92, Field::control, PARENB},     Mode{93, Field::control, PARODD},
};

void set_flag(tcflag_t& flags, unsigned flag, bool on) {
  flags = on ? flags | flag : flags & ~static_cast<tcflag_t>(flag);
}

void apply(termios& settings, const Mode& mode, std::uint32_t value) {
  bool on = value != 0;
  switch (mode.field) {
    // 255 switches a character off.
    case Field::character:
      settings.c_cc[mode.value] =
          value == 255 ? static_cast<cc_t>(_POSIX_VDISABLE) : static_cast<cc_t>(value);
      return;
    case Field::input:
      return set_flag(settings.c_iflag, mode.value, on);
    case Field::local:
      return set_flag(settings.c_lflag, mode.value, on);
    case Field::output:
      return set_flag(settings.c_oflag, mode.value, on);
    case Field::control:
      // CS7 and CS8 are values of one field, not flags of their own.
      if (mode.value != CS7 && mode.value != CS8) return set_flag(settings.c_cflag, mode.value, on);
      if (on) settings.c_cflag = (settings.c_cflag & ~static_cast<tcflag_t>(CSIZE)) | mode.value;
  }
}

}  // namespace

void apply_modes(int terminal, std::string_view modes) {
  termios settings{};
  if (::tcgetattr(terminal, &settings) < 0) return;
  // Each is an opcode and a 32-bit number; 0 ends the list, and from 160 on the format is not defined.
  for (std::size_t at = 0; at + 5 <= modes.size(); at += 5) {
    auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(modes[at + i]); };
    if (byte(0) == 0 || byte(0) >= 160) break;
    std::uint32_t value = static_cast<std::uint32_t>(byte(1)) << 24 |
                          static_cast<std::uint32_t>(byte(2)) << 16 |
                          static_cast<std::uint32_t>(byte(3)) << 8 | byte(4);
    for (const auto& mode : modes_table)
      if (mode.opcode == byte(0)) apply(settings, mode, value);
  }
  ::tcsetattr(terminal, TCSANOW, &settings);
}

Result<Terminal> open_terminal(const Tty& tty, const User& user) {
  Terminal terminal;
  PHOTON_TRY(terminal.master, open_fd("/dev/ptmx", O_RDWR | O_NOCTTY));
  int locked = 0;
  unsigned number = 0;
  if (::ioctl(terminal.master.get(), TIOCSPTLCK, &locked) < 0 ||
      ::ioctl(terminal.master.get(), TIOCGPTN, &number) < 0)
    return fail_errno("make a terminal", errno);
  terminal.name = fmt::format("/dev/pts/{}", number);
  terminal.slave.reset(::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.slave) return fail_errno("open the terminal " + terminal.name, errno);
  // Group tty lets `write` and `mesg` work. Where ids are not mapped the terminal stays ours, which still
  // works.
  bool owned = ::fchown(terminal.slave.get(), user.uid, find_group("tty").value_or(user.gid)) == 0;
  if (!owned) owned = ::fchown(terminal.slave.get(), user.uid, user.gid) == 0;
  ::fchmod(terminal.slave.get(), owned ? 0620 : 0666);
  apply_modes(terminal.slave.get(), tty.modes);
  winsize size{tty.rows, tty.columns, 0, 0};
  ::ioctl(terminal.master.get(), TIOCSWINSZ, &size);
  return terminal;
}

}  // namespace photon::inside
