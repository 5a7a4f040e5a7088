"""Root may command a store that belongs to the server's user; what root makes there is given to that user.

Otherwise one `sudo kiosk-server backup` would leave a folder that the hourly backup cannot write.
"""

import os
import stat
from pathlib import Path


def give_back(folder: Path) -> None:
    """Hand what root has made in `folder` to the folder's owner. Does nothing for others, or in root's own store.

    Only folders, and plain files with one name: a link that somebody planted must not give away what it points to.
    """
    if os.geteuid() != 0 or not folder.is_dir():
        return
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    for path in folder.rglob("*"):
        found = path.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
        if found.st_uid == 0 and is_ours:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
