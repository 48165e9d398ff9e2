"""Why a delivery cannot be read, said so that the clerk who sent it can put it right.

Every failure has a code, an English and a Chinese message. A message names the file and the remedy and never holds
a value of a cell.
"""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str]] = {
    "missing_column": (
        "{file}: no column for {missing}. Expected a header such as {expected}. Headers read: {found}. Add the "
        "column to the export, or name its header in the feed ({config}).",
        "文件 {file}：缺少列「{missing_zh}」，表头应为 {expected} 之一；读到的表头：{found}。请在导出中加上该列，"
        "或在报送配置（{config}）中登记该表头。",
    ),
    "no_header": (
        "{file}: no header row found in the first {rows} rows. Send the file with its column names, e.g. {expected}.",
        "文件 {file}：前 {rows} 行中找不到表头。请保留列名行后重新导出，例如 {expected}。",
    ),
    "ambiguous_column": (
        "{file}: {count} columns could be {field}: {headers}. Keep one in the export, or list the others under "
        "ignore in the feed ({config}).",
        "文件 {file}：有 {count} 列都对应「{field_zh}」：{headers}。请在导出中只保留一列，或在报送配置（{config}"
        "）的 ignore 中写明忽略哪一列。",
    ),
    "empty_file": (
        "{file}: the file is empty. Export it again and check its size before sending.",
        "文件 {file} 是空文件。请重新导出，确认大小不为 0 后再报送。",
    ),
    "header_only": (
        "{file}: there is a header but no record below it. Check the filter of the export and send it again.",
        "文件 {file} 只有表头，没有数据。请检查导出条件后重新报送。",
    ),
    "all_malformed": (
        "{file}: no row has as many cells as the header. Check the delimiter and the quotation marks of the export.",
        "文件 {file}：没有一行的列数与表头一致。请检查导出的分隔符和引号。",
    ),
    "zip_truncated": (
        "{file}: the file is cut short (its closing directory is missing). Upload it again and wait until it has "
        "finished.",
        "文件 {file} 不完整（传输中断）。请重新上传，并等待上传完成。",
    ),
    "password_protected": (
        "{file}: the file is protected by a password. Save it without a password and send it again.",
        "文件 {file} 设有密码。请取消密码后重新报送。",
    ),
    "unknown_encoding": (
        "{file}: the text is neither UTF-8 nor GB18030 (GBK) from byte {position} on. Save it as CSV UTF-8, or "
        "as .xlsx.",
        "文件 {file}：从第 {position} 字节起既不是 UTF-8 也不是 GB18030（GBK）编码。请另存为「CSV UTF-8」或 "
        ".xlsx 后重新报送。",
    ),
    "line_too_long": (
        "{file}: one line is longer than {limit} MB, so the line breaks are missing or this is no table. Export "
        "it again as CSV or .xlsx.",
        "文件 {file}：有一行超过 {limit} MB，缺少换行或不是表格。请重新导出为 CSV 或 .xlsx。",
    ),
    "open_quote": (
        "{file}: a quotation mark opened near row {row} is never closed, so the rows after it cannot be told "
        "apart. Export the file again; if it is made by a program, have it double the quotation marks inside "
        "values.",
        "文件 {file}：第 {row} 行附近的双引号没有闭合，之后的行无法识别。请重新导出；若由程序生成，值中的双引号须"
        "写成两个。",
    ),
    "cut_short": (
        "{file}: ends in the middle of row {row}: the export or the transfer was cut short. Export it again, check its "
        "last row and send it anew.",
        "文件 {file} 在第 {row} 行中途结束：导出或传输不完整。请重新导出，核对最后一行后再报送。",
    ),
    "corrupt_file": (
        "{file}: damaged, not readable as {format}. Open it on your computer to check it, export it again and "
        "send it anew.",
        "文件 {file} 已损坏，无法按 {format} 读取。请在电脑上打开检查，重新导出后再报送。",
    ),
    "unsupported_format": (
        "{file}: this is {format}, not a table that is read here. Send .xlsx, .xls, CSV, JSON, Parquet, or a zip "
        "of these.",
        "文件 {file} 是 {format}，不是可读取的表格。请报送 .xlsx、.xls、CSV、JSON、Parquet 或由其组成的 zip。",
    ),
    "no_records": (
        "{file}: no list of records found in the JSON document{where}. Send an array of objects, or name the "
        "path under records in the feed ({config}).",
        "文件 {file}：JSON 中找不到记录列表{where}。请报送对象数组，或在报送配置（{config}）的 records 中写明路径。",
    ),
    "sheet_missing": (
        "{file}: no sheet named {sheet}; the workbook has {sheets}. Rename the sheet, or change sheet in the "
        "feed ({config}).",
        "文件 {file} 中没有名为「{sheet}」的工作表，现有：{sheets}。请修改工作表名，或修改报送配置（{config}）的 "
        "sheet。",
    ),
    "nested_archive": (
        "{file}: an archive inside an archive. Put the tables straight into one zip.",
        "文件 {file}：压缩包中还有压缩包。请把表格直接放进一个 zip。",
    ),
    "unsafe_archive": (
        "{file}: the archive holds a path that leads outside it. Make a new zip of the plain files.",
        "文件 {file}：压缩包中含有越界路径。请用普通文件重新打包。",
    ),
    "archive_too_large": (
        "{file}: unpacks to more than {limit} GB, or far more than its size allows. Split it into several zips.",
        "文件 {file}：解压后超过 {limit} GB 或压缩比异常。请拆分成多个 zip。",
    ),
    "empty_archive": (
        "{file}: the archive holds no table. Check what was packed and send it again.",
        "文件 {file}：压缩包里没有表格文件。请检查后重新打包报送。",
    ),
    "too_many_columns": (
        "{file}: {columns} columns; at most {limit} are read. Check the delimiter of the export.",
        "文件 {file}：共有 {columns} 列，最多可读 {limit} 列。请检查导出的分隔符。",
    ),
    "too_spread_out": (
        "{file}: its cells are spread over {rows} rows and {columns} columns, most of them empty. Delete the rows and "
        "columns beyond the table, save and send it again.",
        "文件 {file}：单元格散布在 {rows} 行 {columns} 列中，大部分为空。请删除表格以外的行和列，保存后重新报送。",
    ),
    "still_writing": (
        "{file}: still being written. It is read at the next load; upload under a temporary name (.part) and "
        "rename when done.",
        "文件 {file} 正在写入，下次再读。建议先以 .part 为扩展名上传，完成后再改名。",
    ),
    "return_renamed": (
        "{file}: holds rows that were returned, but its name no longer says which delivery they correct, so they would "
        "replace the whole list. Give it the name it was returned under; that contains 退回_{feed}_d_….",
        "文件 {file} 是退回的记录，但文件名已看不出更正的是哪一批，直接读取会替换整份名单。请恢复退回时的文件名"
        "（其中含有 退回_{feed}_d_…）后重新报送。",
    ),
    "not_a_file": (
        "{file}: not a plain file (a pipe, a device or a link to one). It is passed over. Put the file itself there.",
        "{file} 不是普通文件（管道、设备或指向它们的链接），已跳过。请直接放入文件本身。",
    ),
    "foreign_link": (
        "{file}: a link that leads out of the company's drop folder, or to a folder. It is not followed. Put the files "
        "themselves there.",
        "{file} 是指向公司目录之外或指向目录的链接，不予读取。请直接放入文件本身。",
    ),
    "no_feed": (
        "{file}: matches no feed of {company}. Correct the name, or add its pattern to a feed's files in {config}.",
        "文件 {file} 与 {company} 的任何报送项都不匹配。请更正文件名，或在 {config} 的 files 中加上其样式。",
    ),
    "no_company": (
        "{file}: no company is configured for this drop folder. Move it to a company's folder, or add {config}.",
        "文件 {file} 所在目录没有对应的公司。请移到公司目录，或添加 {config}。",
    ),
    "machine": (
        "{file}: could not be read because {trouble}. The file need not be sent again; tell the operator.",
        "文件 {file}：读取它的机器出现故障（{trouble}）。无需重新报送，请联系管理员。",
    ),
    "internal": (
        "{file}: could not be read because of an error in the program ({error}). The file need not be sent "
        "again; tell the operator.",
        "文件 {file}：程序错误（{error}），未能读取。无需重新报送，请联系管理员。",
    ),
}
"""Code -> English and Chinese template."""


class LandingError(Exception):
    """A delivery that cannot be read: ``code``, ``message`` and ``message_zh``, made from :data:`MESSAGES`."""

    def __init__(self, code: str, **details: object) -> None:
        english, chinese = MESSAGES[code]
        self.code = code
        self.message = english.format(**details)
        self.message_zh = chinese.format(**details)
        super().__init__(self.message)
