cd /
/bin/busybox mkdir -p sbin usr/bin usr/sbin proc sys root var run
/bin/busybox mkdir -p -m 1777 tmp
/bin/busybox rm -rf etc/hostname etc/resolv.conf
/bin/busybox --install -s /bin
