groupadd --system --gid 999 redis
useradd --system --uid 999 --gid redis --no-create-home --home-dir /home/redis --shell /bin/false redis
