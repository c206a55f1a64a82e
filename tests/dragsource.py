"""A file manager in small: a window whose content is files that can be dragged out of it. Arguments: x, y, files."""

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel


class Files(QLabel):
    def __init__(self, files):
        super().__init__("files")
        self._files = files

    def mousePressEvent(self, _event):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(file) for file in self._files])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
        QTimer.singleShot(2000, QApplication.quit)


app = QApplication(sys.argv)
window = Files(sys.argv[3:])
window.setWindowFlags(Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.WindowStaysOnTopHint)
window.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 60, 30)
window.show()
app.exec()
