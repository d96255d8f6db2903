# Yours: what login shells begin with, after /etc/profile.
if [ -n "${BASH_VERSION:-}" ] && [ -r ~/.bashrc ]; then . ~/.bashrc; fi
if [ -d ~/.local/bin ]; then PATH=~/.local/bin:$PATH; fi
