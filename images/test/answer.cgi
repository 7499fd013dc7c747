#!/bin/sh
# /cgi-bin/answer: what the server knows about itself and its caller.
printf 'Content-Type: text/plain\r\n\r\n%s version %s to %s\n' "$(hostname)" "$VERSION" "$REMOTE_ADDR"
