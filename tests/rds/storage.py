"""Storage: what is used is measured, what is full says so, what may grow grows."""
import os
import subprocess
import time

from report import expect, expect_equal


def measure_with(world, megabytes, volume, policy):
    """Gives the instance a volume and a policy by hand, fills its folder and lets the monitor, which
    runs at a start, measure it."""
    cloud, shop = world.cloud, world.shop
    path = os.path.join(cloud.data, "instances", shop["id"], "log", "filling")
    if megabytes:
        subprocess.run(["fallocate", "-l", f"{megabytes}M", path], check=True)
    elif os.path.exists(path):
        os.unlink(path)
    cloud.sql(f"UPDATE rds_instance SET volume_gb = {volume}, auto_enlarge = '{policy}' "
              f"WHERE id = '{shop['id']}'")
    cloud.sql("UPDATE job_schedule SET last_run = '-infinity' WHERE name = 'rds-storage'")
    cloud.stop()
    cloud.start()


def wait_for(world, what, condition, seconds=15):
    until = time.monotonic() + seconds
    while not condition(world.shop):
        expect(time.monotonic() < until, f"{what} did not come: {world.shop}")
        time.sleep(0.1)


OFF = '{"switch_option": false}'
ON = ('{"switch_option": true, "limit_size": 100, "trigger_threshold": 10, "step_percent": 20}')


def full_volumes_say_so_until_they_are_enlarged(world):
    measure_with(world, 1100, 1, OFF)
    wait_for(world, "STORAGE FULL", lambda shop: shop["status"] == "STORAGE FULL")
    used = world.cloud.get(world.path("/storage-used-space")).expect(200).json
    expect(float(used["used"]) >= 1.07, f"used: {used}")
    world.change("POST", "/action", {"enlarge_volume": {"size": 40}})
    expect_equal((world.shop["status"], world.shop["volume"]["size"]), ("ACTIVE", 40),
                 "after enlarging")


def volumes_grow_by_their_policy(world):
    measure_with(world, 950, 1, ON)
    wait_for(world, "growth", lambda shop: shop["volume"]["size"] == 10)
    wait_for(world, "ACTIVE", lambda shop: shop["status"] == "ACTIVE")
    measure_with(world, 0, 40, OFF)


TESTS = [full_volumes_say_so_until_they_are_enlarged, volumes_grow_by_their_policy]
