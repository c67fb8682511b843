"""Settings that only the root file has, as far as they have keys of their own."""

from typing import Annotated

from msgspec import Struct

from portalgen.settings import schema, values
from portalgen.settings.schema import Field, fields_of, list_of


class Kind(Struct, frozen=True):
    """A group in the members' directory."""

    slug: Annotated[str, Field(
        schema.slug, "what members write as `kind`", "Tên mà các đơn vị ghi ở `kind`.",
    )]  # fmt: skip
    title: Annotated[str, Field(
        schema.text, "heading of the group", "Tiêu đề của nhóm.",
    )]  # fmt: skip


class Target(Struct, frozen=True):
    """A target of `deploy`: a folder, `ssh://user@host/folder` or `s3://bucket/prefix`.

    `endpoint` and `region` are for S3; credentials come from the environment.
    """

    name: Annotated[str, Field(
        schema.slug, "name for `portalgen deploy`", "Tên để gọi trong lệnh portalgen deploy.",
    )]  # fmt: skip
    url: Annotated[str, Field(
        values.target_url,
        "a folder (relative to the root, or absolute), `ssh://user@host:port/folder` or "
        "`s3://bucket/prefix`",
        "Một thư mục, ssh://user@host/thư-mục hoặc s3://bucket/tiền-tố.",
    )]  # fmt: skip
    endpoint: Annotated[str, Field(
        schema.url, "address of an S3-compatible service that is not Amazon's",
        "Địa chỉ của dịch vụ tương thích S3.",
    )] = ""  # fmt: skip
    region: Annotated[str, Field(
        schema.text, "region of the S3 service", "Vùng của dịch vụ S3.",
    )] = ""  # fmt: skip
    keep: Annotated[int, Field(
        schema.integer(1, 1000), "releases kept for `deploy --rollback`; default 3",
        "Giữ bao nhiêu bản để còn quay lại; nếu không ghi là 3.",
    )] = 3  # fmt: skip


class Front(Struct, frozen=True):
    """What the main portal's editors say of its home page; `until` as written."""

    pin: Annotated[tuple[str, ...], Field(
        list_of(schema.text),
        "articles that come first, in this order: `portal:<slug>/<path>.md`, the path of the file "
        "from the root, or the address of the page",
        "Các bài đứng đầu trang chủ, theo thứ tự này: portal:<đơn vị>/<đường dẫn>.md, đường dẫn "
        "tệp tính từ thư mục gốc, hoặc địa chỉ trang.",
    )] = ()  # fmt: skip
    leave_out: Annotated[tuple[str, ...], Field(
        list_of(schema.text), "articles that the home page does not show; written as in `pin`",
        "Các bài không hiện trên trang chủ; ghi như ở `pin`.",
    )] = ()  # fmt: skip
    until: Annotated[str, Field(
        values.moment_text, "moment from which all this counts no more",
        "Từ lúc này mọi điều trên không còn hiệu lực.",
    )] = ""  # fmt: skip


class Quota(Struct, frozen=True):
    """How much a member's folder may hold."""

    files: Annotated[int, Field(
        schema.integer(1, 100_000_000), "files; default 20000",
        "Nhiều nhất bao nhiêu tệp; nếu không ghi là 20000.",
    )] = 20_000  # fmt: skip
    megabytes: Annotated[int, Field(
        schema.integer(1, 100_000_000), "megabytes of all files together; default 10000",
        "Tất cả các tệp nhiều nhất bao nhiêu MB; nếu không ghi là 10000.",
    )] = 10_000  # fmt: skip


KIND_FIELDS, TARGET_FIELDS = fields_of(Kind), fields_of(Target)
FRONT_FIELDS, QUOTA_FIELDS = fields_of(Front), fields_of(Quota)
