install -d -o redis -g redis /data
ln -s /usr/bin/redis-cli /usr/bin/redis-benchmark /usr/local/bin/
