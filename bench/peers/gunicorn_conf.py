# One process that serves, as with the other peers.
worker_class = "gevent"
workers = 1
keepalive = 3600  # connections must outlive the blocks in which others are measured
accesslog = None
loglevel = "warning"
control_socket_disable = True
