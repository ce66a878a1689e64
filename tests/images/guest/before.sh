# Where the packages go that a test installs later.
mkdir -p /srv/packages/partial
