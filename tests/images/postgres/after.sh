# The server interprets where it can't compile: the compiler is most of the package's weight.
rm -rf /usr/lib/*/libLLVM* /usr/lib/*/libz3.so* /usr/lib/postgresql/*/lib/llvmjit* /usr/lib/postgresql/*/lib/bitcode
version=$(ls /usr/lib/postgresql)
ln -s "$version" /usr/lib/postgresql/current
echo "listen_addresses = '*'" >>"/usr/share/postgresql/$version/postgresql.conf.sample"
mkdir -p /docker-entrypoint-initdb.d
install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data
install -d -o postgres -g postgres -m 3777 /run/postgresql
