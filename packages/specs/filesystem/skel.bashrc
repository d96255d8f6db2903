# Yours: what interactive shells begin with, after /etc/bash.bashrc.
