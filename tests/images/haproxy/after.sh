# The official image's ids, which a package can't be asked for: they lie outside its range.
groupmod --gid 99 haproxy
usermod --uid 99 --gid haproxy haproxy
install -d -o haproxy -g haproxy /var/lib/haproxy
mkdir -p /usr/local/etc/haproxy
mv /etc/haproxy/errors /usr/local/etc/haproxy/errors
rm -rf /etc/haproxy /var/lib/haproxy/dev
ln -s /usr/sbin/haproxy /usr/local/sbin/haproxy
