"""Vietnamese words for synthetic articles: real words by topic, and mixtures within a topic."""

from random import Random

TOPICS = (
    "ruộng đồng nông nghiệp nông dân nông thôn nông sản lúa nước lúa nương ngô lai giống cây "
    "cây trồng vật nuôi chăn nuôi trâu bò gia súc gia cầm chuồng trại thức ăn phân bón tưới tiêu "
    "thủy lợi kênh mương mùa vụ thu hoạch năng suất sản lượng hợp tác tổ đội trang trại vườn rừng "
    "cây quế cây chè dược liệu thảo quả cá hồi rau sạch hữu cơ an toàn truy xuất nguồn gốc",
    "kinh tế thương mại công nghiệp dịch vụ doanh nghiệp đầu tư dự án cửa khẩu xuất khẩu "
    "nhập khẩu hàng hóa thị trường giá cả tiêu dùng sản phẩm thương hiệu ngân hàng tín dụng "
    "vay vốn ngân sách thuế phí tăng trưởng lợi nhuận chi phí hạ tầng khu vực "
    "cụm nhà máy khai thác chế biến năng lượng "
    "thủy điện điện lưới lao động việc làm thu nhập đào tạo hội chợ kết nối liên kết",
    "giáo dục trường học học sinh giáo viên lớp học bán trú nội trú sách vở bài giảng kỳ thi "
    "tốt nghiệp tuyển sinh học kỳ điểm số chất lượng phổ cập mầm non tiểu học trung học đại học "
    "thư viện đọc sách ngoại ngữ tin học kỹ năng thực hành sân chơi phụ huynh học bổng khuyến học",
    "y tế sức khỏe bệnh viện trạm xá bác sĩ điều dưỡng bệnh nhân khám chữa tiêm chủng vắc xin "
    "phòng bệnh dịch bệnh dinh dưỡng trẻ em bà mẹ sinh sản dân số bảo hiểm thuốc men vệ sinh "
    "nước sạch thực phẩm an sinh cấp cứu xét nghiệm chẩn đoán điều trị phục hồi tư vấn "
    "truyền thông",
    "hành chính thủ tục hồ sơ một cửa trực tuyến công dân cán bộ công chức tiếp nhận kết quả "
    "giải quyết đúng hạn cải cách đánh giá chỉ số hài lòng chữ ký văn bản điện tử phần mềm "
    "cơ sở dữ liệu kết nối chia sẻ bảo mật thông tin mạng lưới đường truyền máy chủ chuyển đổi "
    "nền tảng ứng dụng tài khoản định danh đăng ký cấp phép kiểm tra thanh tra tiếp dân khiếu nại",
    "văn hóa du lịch lễ hội bản làng làng nghề truyền thống thổ cẩm chợ phiên ẩm thực du khách "
    "lưu trú hướng dẫn điểm đến cảnh quan thác nước đỉnh núi ruộng bậc leo núi "
    "di sản bảo tồn nghệ nhân dân ca múa khèn trang phục hoa văn kiến trúc nhà sàn đình đền "
    "thể thao bóng đá chạy bộ thi đấu huy chương vận động khán giả biểu diễn âm nhạc hội họa",
    "thiên tai lũ quét sạt lở mưa lớn rét hại băng giá giông lốc mưa đá cảnh báo dự báo khí tượng "
    "sơ tán cứu hộ cứu nạn khắc phục hậu quả lực lượng phương tiện vật tư diễn tập tại chỗ "
    "đê kè hồ chứa cháy rừng phòng cháy chữa cháy môi trường rác thải khí thải tái chế cây xanh",
    "pháp luật nghị định thông tư nghị quyết chỉ thị kế hoạch chương trình mục tiêu nhiệm vụ "
    "giải pháp quyết định quy định chính sách hỗ trợ bồi thường đất đai quy hoạch xây dựng "
    "giao thông đường bộ cầu cống vận tải tai nạn trật tự an ninh quốc phòng biên giới "
    "tuyên truyền phổ biến hòa giải trợ giúp pháp lý quyền lợi nghĩa vụ trách nhiệm giám sát",
    "hội nghị đại biểu lãnh đạo ủy ban hội đồng nhân dân tỉnh ủy huyện ủy đảng bộ chi bộ mặt trận "
    "đoàn viên thanh niên phụ nữ cựu binh công đoàn tổng kết triển khai khai mạc bế mạc phát biểu "
    "thảo luận thống nhất biểu dương khen thưởng thi đua phong trào gương mẫu đồng bào dân tộc "
    "giảm nghèo thoát nghèo mô hình sinh kế nhà ở đoàn kết dân cư tình nguyện hiến máu",
)
LINKING = str.split(
    "và của là các những được trong cho với có khi để từ đã đến tại theo về sẽ đang do nhiều hơn "
    "này cùng trên ngoài nhằm gồm"
)
FAMILY = str.split("Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Lý Vàng Giàng Thào Lù Sùng Lò Cư")
MIDDLE = str.split("Văn Thị Đức Minh Thanh Quang Hồng Ngọc A Thu Xuân Hữu")
GIVEN = str.split(
    "An Bình Chi Dũng Giang Hà Hải Hương Khánh Lan Long Mai Nam Phúc Sơn Thảo Tú Yến Páo"
)
PLACE_FIRST = str.split("Bản Nậm Suối Đồng Phố Mường Tả Sín Pha Cốc Thác Khe Bảo Phong")
PLACE_SECOND = str.split(
    "Mây Hoa Lành Sen Quế Chảy Xanh Vàng Long Thủy Hạ Thượng Trung Sáng Phú Đông"
)
VERBS = str.split(
    "Khai trương|Triển khai|Tổng kết|Phát động|Khảo sát|Bàn giao|Ra mắt|Kiểm tra|Mở rộng|"
    "Nâng cao|Đẩy mạnh|Tập huấn",
    "|",
)


def vocabulary(rng: Random, size: int) -> list[str]:
    """`size` different words of two syllables, the frequent ones first."""
    pairs: dict[str, None] = {}
    syllables = [topic.split() for topic in TOPICS]
    for topic in syllables:
        pairs.update(dict.fromkeys(f"{a} {b}" for a, b in zip(topic[::2], topic[1::2])))
    shuffled = list(pairs)
    rng.shuffle(shuffled)
    words = dict.fromkeys(shuffled[:size])
    while len(words) < size:
        first, second = rng.sample(rng.choice(syllables), 2)
        if first != second:
            words.setdefault(f"{first} {second}")
    return list(words)


def person(rng: Random) -> str:
    """A name of three parts."""
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"


def places(count: int) -> list[str]:
    """Different names of places, the same in every call."""
    names = [f"{first} {second}" for second in PLACE_SECOND for first in PLACE_FIRST]
    return (names + [f"Khu {number}" for number in range(count)])[:count]
