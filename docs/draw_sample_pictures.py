"""Draw the pictures of the sample content: `python docs/draw_sample_pictures.py` (needs Pillow).

Pictures consist of flat shapes with fixed random seeds, so every run draws the same. Nothing is
traced from a photograph, and no emblem of a real organization appears. With names on the command
line, draw only the pictures whose path contains one of them.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from sample_pictures import landscapes as land
from sample_pictures import outdoors as out
from sample_pictures import still_lifes as still
from sample_pictures.canvas import Canvas

ROOT = Path(__file__).resolve().parent.parent
MAIN = "content"
PICTURES: list[tuple[str, Callable[[int], Canvas], int]] = [
    (f"{MAIN}/thoi-su/mang-luoi-cong-thong-tin/mang-luoi-cong.jpg", land.network, 1),
    (f"{MAIN}/thoi-su/sa-pa-len-thi-xa-giay-to/thi-xa-trong-suong.jpg", land.misty_town, 2),
    (
        f"{MAIN}/chinh-quyen-dien-tu/day-nhanh-tien-do-xay-dung-chinh-quyen-dien-tu/ha-tang-cong-nghe-thong-tin.jpg",
        land.office,
        3,
    ),
    (f"{MAIN}/chinh-quyen-dien-tu/chu-ky-so-la-gi/chu-ky-so.jpg", land.signature, 4),
    (f"{MAIN}/cai-cach-hanh-chinh/mot-cua-lien-thong/bo-phan-mot-cua.jpg", land.counter, 5),
    (f"{MAIN}/kinh-te/hang-qua-cua-khau/cau-qua-song.jpg", land.bridge, 6),
    (
        f"{MAIN}/nong-nghiep-nong-thon/ruong-bac-thang-giu-nuoc/ruong-bac-thang.jpg",
        land.rice_terraces,
        7,
    ),
    (
        f"{MAIN}/nong-nghiep-nong-thon/ruong-bac-thang-giu-nuoc/mat-cat-ruong.png",
        land.cross_section,
        8,
    ),
    (f"{MAIN}/nong-nghiep-nong-thon/hop-tac-xa-to-chuc-the-nao/vuon-doi.jpg", land.orchard, 9),
    (f"{MAIN}/nong-nghiep-nong-thon/giu-am-cho-trau-bo/mua-dong-vung-cao.jpg", land.winter, 10),
    (f"{MAIN}/van-hoa-du-lich/cho-phien-vung-cao/cho-phien.jpg", land.market, 11),
    (f"{MAIN}/giao-duc/hoc-sinh-ban-tru/truong-vung-cao.jpg", land.school, 12),
    (f"{MAIN}/y-te/tiem-chung-cho-tre/tram-y-te.jpg", land.clinic, 13),
    (f"{MAIN}/phong-chong-thien-tai/chuan-bi-truoc-lu-quet/suoi-lu.jpg", land.flood, 14),
    (f"{MAIN}/pho-bien-phap-luat/quyen-tiep-can-thong-tin/ho-so-tai-lieu.jpg", land.shelves, 15),
    ("members/sgtvtxd/content/tin-tuc/giu-duong-doc-mua-mua/duong-deo.jpg", land.mountain_road, 16),
    (
        "members/tplaocai/content/tin-tuc/phan-loai-rac-tai-nha/thanh-pho-ben-song.jpg",
        land.river_town,
        17,
    ),
    ("members/sapa/content/du-lich/ngu-nha-dan/nha-ban.jpg", land.village, 18),
    ("members/baothang/content/tin-tuc/cham-soc-vuon-che/doi-che.jpg", land.rows_on_hill, 19),
    ("members/baoyen/content/tin-tuc/trong-que-tren-doi/doi-que.jpg", land.straight_forest, 20),
    ("members/bacha/content/du-lich/cho-phien-bac-ha/cho-phien-cao-nguyen.jpg", land.market, 22),
    ("members/batxat/content/du-lich/y-ty-mua-may/bien-may.jpg", land.sea_of_clouds, 23),
    ("members/vanban/content/tin-tuc/giu-rung-dau-nguon/rung-dau-nguon.jpg", land.old_forest, 24),
    (
        "members/hcc/content/huong-dan-thu-tuc/lan-dau-den-lam-thu-tuc/sanh-tiep-nhan.jpg",
        land.hall,
        25,
    ),
    (
        "members/caodang/content/tuyen-sinh/chon-nghe-sau-trung-hoc/xuong-thuc-hanh.jpg",
        land.workshop,
        26,
    ),
    (
        "members/vqghl/content/bao-ton/di-rung-khong-de-lai-dau/rung-hoang-lien.jpg",
        land.high_ranges,
        27,
    ),
    ("members/pctt/content/ky-nang/bon-tai-cho/thon-duoi-nui.jpg", land.safe_ground, 28),
    ("members/dulich/content/cam-nang/di-vung-cao-mua-lanh/nui-mua-lanh.jpg", land.white_peak, 29),
    ("members/skhcn/content/tin-tuc/doc-can-ngoai-cho/can-dong-ho.jpg", still.dial_scale, 30),
    (
        "members/sgddt/content/tin-tuc/goc-doc-sach-cuoi-lop/goc-doc-sach.jpg",
        still.reading_corner,
        31,
    ),
    (
        "members/bqlkkt/content/tin-tuc/nuoc-thai-khu-cong-nghiep/be-lang.jpg",
        out.treatment_plant,
        32,
    ),
    (
        "members/tplaocai/content/tin-tuc/nga-ba-song-cua-thanh-pho/nga-ba-song.jpg",
        out.confluence,
        33,
    ),
    (
        "members/sapa/content/du-lich/vai-cham-bao-nhieu-lan-nhung/phoi-vai-cham.jpg",
        still.indigo_cloth,
        34,
    ),
    ("members/baoyen/content/van-hoa/doc-mot-ngoi-nha-san-tay/nha-san-tay.jpg", out.tay_house, 35),
    ("members/bacha/content/du-lich/ngua-bac-ha/ngua-tho.jpg", out.pack_horse, 36),
    ("members/bacha/content/tin-tuc/mot-nam-cua-cay-man/vuon-man.jpg", out.plum_orchard, 37),
    (
        "members/batxat/content/du-lich/nha-trinh-tuong/ban-nha-trinh-tuong.jpg",
        out.earth_village,
        38,
    ),
    ("members/muongkhuong/content/tin-tuc/hu-tuong-ot/chum-va-ot.jpg", still.chilli_jars, 39),
    ("members/simacai/content/tin-tuc/cho-trau-can-cau/cho-trau.jpg", out.buffalo_market, 40),
    ("members/vanban/content/tin-tuc/con-nuoc/con-nuoc.jpg", out.water_wheel, 41),
    (
        "members/dbnd/content/giam-sat/tu-voi-nuoc-nguoc-len-nguon/tu-voi-len-nguon.jpg",
        out.tap_to_source,
        42,
    ),
    ("members/mttq/content/tin-tuc/goi-qua-tet/qua-tet.jpg", still.new_year_gifts, 43),
    ("members/ldld/content/tin-tuc/nam-phut-dau-ca/do-bao-ho.jpg", still.safety_wall, 44),
    ("members/tinhdoan/content/thieu-nhi/lam-den-ong-sao/den-ong-sao.jpg", still.star_lantern, 45),
]


def main() -> None:
    """Draw every picture into its article's folder."""
    names = sys.argv[1:]
    for path, scene, seed in PICTURES:
        if not names or any(name in path for name in names):
            scene(seed).save(ROOT / path)


if __name__ == "__main__":
    main()
