"""Confirms users with boto3's adaptive mode until standard input ends.

Then it prints how many rows it has finished since it last read a line there, and
how many of them failed.
"""
import itertools
import os
import sys
import threading

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

in_flight = int(os.environ["COGNITO_BENCH_IN_FLIGHT"])
client = boto3.client(
    "cognito-idp",
    endpoint_url=os.environ["COGNITO_BENCH_URL"],
    config=Config(retries={"mode": "adaptive"}, max_pool_connections=in_flight),
)
lock = threading.Lock()
numbers = itertools.count()
ended = failed = 0


def confirm():
    global ended, failed
    while True:
        error = 0
        try:
            client.admin_confirm_sign_up(
                UserPoolId=os.environ["COGNITO_BENCH_POOL"],
                Username=f"user{next(numbers):07d}@example.com",
            )
        except (ClientError, BotoCoreError):
            error = 1
        with lock:
            ended += 1
            failed += error


for _ in range(in_flight):
    threading.Thread(target=confirm, daemon=True).start()
for _ in sys.stdin:
    with lock:
        ended = failed = 0
with lock:
    print(ended, failed, flush=True)
os._exit(0)
