"""English names, pinyin and kinds of divisions: the traps, each by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.place.units import kind_of, load_names, romanise
from geodata.errors import ManyErrors

NAMES = load_names()


@pytest.mark.parametrize(
    ("code", "name_zh", "name_en", "pinyin", "initials"),
    [
        ("110114", "昌平区", "Changping District", "changpingqu", "cpq"),
        # Characters that are read otherwise in these names.
        ("500000", "重庆市", "Chongqing Municipality", "chongqingshi", "cqs"),
        ("220100", "长春市", "Changchun City", "changchunshi", "ccs"),
        ("140428", "长子县", "Zhangzi County", "zhangzixian", "zzx"),
        ("341500", "六安市", "Lu'an City", "luanshi", "las"),
        ("331000", "台州市", "Taizhou City", "taizhoushi", "tzs"),
        ("350200", "厦门市", "Xiamen City", "xiamenshi", "xms"),
        ("440113", "番禺区", "Panyu District", "panyuqu", "pyq"),
        ("411100", "漯河市", "Luohe City", "luoheshi", "lhs"),
        ("510682", "什邡市", "Shifang City", "shifangshi", "sfs"),
        ("222404", "珲春市", "Hunchun City", "hunchunshi", "hcs"),
        ("130726", "蔚县", "Yuxian County", "yuxian", "yx"),
        ("371722", "单县", "Shanxian County", "shanxian", "sx"),
        ("310112", "闵行区", "Minhang District", "minhangqu", "mhq"),
        ("211300", "朝阳市", "Chaoyang City", "chaoyangshi", "cys"),
        # Two provinces that pinyin cannot tell apart.
        ("140000", "山西省", "Shanxi Province", "shanxisheng", "sxs"),
        ("610000", "陕西省", "Shaanxi Province", "shanxisheng", "sxs"),
        ("141100", "吕梁市", "Lüliang City", "lvliangshi", "lls"),
        ("610100", "西安市", "Xi'an City", "xianshi", "xas"),
        # Nationalities.
        ("520622", "玉屏侗族自治县", "Yuping Dong Autonomous County", "yupingdongzuzizhixian", "ypdzzzx"),
        (
            "622927", "积石山保安族东乡族撒拉族自治县", "Jishishan Bonan, Dongxiang and Salar Autonomous County",
            "jishishanbaoanzudongxiangzusalazuzizhixian", "jssbazdxzslzzzx",
        ),
        ("622926", "东乡族自治县", "Dongxiang Autonomous County", "dongxiangzuzizhixian", "dxzzzx"),
        ("150723", "鄂伦春自治旗", "Oroqen Autonomous Banner", "elunchunzizhiqi", "elczzq"),
        (
            "533100", "德宏傣族景颇族自治州", "Dehong Dai and Jingpo Autonomous Prefecture",
            "dehongdaizujingpozuzizhizhou", "dhdzjpzzzz",
        ),
        # Established names.
        ("150000", "内蒙古自治区", "Inner Mongolia Autonomous Region", "neimengguzizhiqu", "nmgzzq"),
        ("150100", "呼和浩特市", "Hohhot City", "huhehaoteshi", "hhhts"),
        ("150521", "科尔沁左翼中旗", "Horqin Left Middle Banner", "keerqinzuoyizhongqi", "keqzyzq"),
        ("653101", "喀什市", "Kashgar City", "kashishi", "kss"),
        ("540100", "拉萨市", "Lhasa City", "lasashi", "lss"),
        ("429021", "神农架林区", "Shennongjia Forestry District", "shennongjialinqu", "snjlq"),
        ("810001", "中西区", "Central and Western District", "zhongxiqu", "zxq"),
        ("100000", "中国", "China", "zhongguo", "zg"),
    ],
)  # fmt: skip
def test_names(code: str, name_zh: str, name_en: str, pinyin: str, initials: str) -> None:
    found = romanise(code, name_zh, NAMES)
    assert (found.name_en, found.pinyin, found.initials) == (name_en, pinyin, initials)


@pytest.mark.parametrize(
    ("level", "name_zh", "kind"),
    [
        ("county", "昌平区", "district"),
        ("county", "仙桃市", "city"),
        ("county", "蔚县", "county"),
        ("county", "科尔沁左翼中旗", "county"),
        ("county", "神农架林区", "county"),
        ("county", "碑林区", "district"),
        ("prefecture", "石家庄市", "prefecture"),
        ("province", "北京市", "province"),
    ],
)
def test_kinds(level: str, name_zh: str, kind: str) -> None:
    assert kind_of(level, name_zh) == kind


def test_a_misspelt_key_of_the_names_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "names.yaml"
    file.write_text("kinds: {}\nnationalities: {}\nstems: {}\nreadings: {}\ncharacters: {}\nname: {}\n", "utf-8")
    with pytest.raises(ManyErrors) as caught:
        load_names(file)
    assert {error.key for error in caught.value.errors} == {"names", "name"}
