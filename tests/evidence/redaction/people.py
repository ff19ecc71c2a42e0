"""Invented people for the redaction tests, from many countries and scripts. Any likeness is chance."""

from dataclasses import dataclass

from evidence.redaction.registry import Kind, Protected


@dataclass(frozen=True)
class Invented:
    """One invented person with every kind of identifier."""

    locale: str
    name: str
    other_script: str
    alias: str
    birth_date: str
    phone: str
    email: str
    handle: str
    address: str
    document: str

    def registry(self, pseudonym: str) -> list[Protected]:
        """Return the person's identifiers as they would be registered."""
        return [Protected(pseudonym, kind, value) for kind in Kind if (value := getattr(self, kind.value))]


PEOPLE = [
    Invented("es", "María José González Pérez", "Мария Гонсалес", "Mari Luz", "1998-03-14", "+34 612 345 678",
             "maria.gonzalez@correo.example", "@mari_glez98", "Calle Mayor 12, 28013 Madrid", "X1234567L"),
    Invented("de", "Jürgen Großmüller", "Юрген", "Jürgi", "1987-12-05", "+49 151 23456789",
             "j.grossmueller@post.example", "jgross_87", "Hauptstraße 5, 10115 Berlin", "C01X00T47"),
    Invented("pt", "Conceição Araújo Simões", "", "Ceiça", "2001-11-02", "+55 11 91234-5678",
             "ceica_simoes@mail.example", "@ceicasimoes", "Rua das Flores 101, São Paulo", "123.456.789-09"),
    Invented("pl", "Małgorzata Wójcik", "Малгожата Вуйчик", "Gosia", "1995-07-30", "+48 601 234 567",
             "gosia.wojcik@poczta.example", "gosia_w95", "ul. Długa 7/3, 00-238 Warszawa", "ABA300000"),
    Invented("ro", "Ștefania Bălăceanu", "", "Fani", "1999-01-09", "+40 721 234 567",
             "stefania@b.example", "@fani.b", "Strada Lungă 44, Brașov", "RX 123456"),
    Invented("ru", "Анна Сергеевна Иванова", "Anna Ivanova", "Анечка", "2000-06-21", "+7 912 345-67-89",
             "anya.iv@pochta.example", "@anya_iv2000", "улица Ленина 15, Казань", "4509 123456"),
    Invented("uk", "Оксана Шевчук", "Oksana Shevchuk", "Ксюша", "1996-10-17", "+380 67 123 45 67",
             "oksana-sh@mail.example", "ksusha.sh", "вул. Хрещатик 22, Київ", "ЕН123456"),
    Invented("el", "Ελένη Παπαδοπούλου", "Eleni Papadopoulou", "Λένα", "1993-04-01", "+30 691 234 5678",
             "eleni.p@tachy.example", "@lena_papa", "Οδός Ερμού 10, Αθήνα", "ΑΒ 123456"),
    Invented("tr", "Ayşegül Yıldırım", "", "Gülüm", "2002-09-28", "+90 532 123 45 67",
             "aysegul.y@posta.example", "@aysegul_02", "İstiklal Caddesi 3, İstanbul", "12345678901"),
    Invented("vi", "Nguyễn Thị Hương", "", "Bé Na", "2003-02-11", "+84 912 345 678",
             "huongnt@thu.example", "@huong.nt", "12 Phố Huế, Hà Nội", "C1234567"),
    Invented("ar", "Fatima Al-Sayed", "فاطمة السيد", "Umm Rami", "1991-08-19", "+20 100 123 4567",
             "fatima.alsayed@barid.example", "@fatima_s91", "15 Tahrir Street, Cairo", "A01234567"),
    Invented("zh", "Wang Xiaoming", "王小明", "Xiao Ming", "1997-05-06", "+86 138 0013 8000",
             "xiaoming@youxiang.example", "@wxm1997", "88 Nanjing Road, Shanghai", "E12345678"),
    Invented("ko", "Kim Min-su", "김민수", "Minsu", "1994-03-27", "+82 10-1234-5678",
             "minsu.kim@pyeonji.example", "@minsu_k94", "Sejong-daero 110, Seoul", "M12345678"),
    Invented("th", "Somchai Jaidee", "สมชาย ใจดี", "Chai", "1990-12-31", "+66 81 234 5678",
             "somchai.j@jotmai.example", "@somchai_j", "99 Sukhumvit Road, Bangkok", "AA1234567"),
    Invented("yo", "Ọlábísí Adéyẹmí", "", "Bisi", "2004-07-08", "+234 803 123 4567",
             "bisi.ade@leta.example", "@bisi_ade", "7 Awolowo Road, Lagos", "A00123456"),
    Invented("hi", "Priya Sharma", "प्रिया शर्मा", "Pihu", "1999-09-15", "+91 98765 43210",
             "priya.sharma@patra.example", "@pihu_sh", "22 MG Road, Bengaluru", "K1234567"),
    Invented("hu", "Nagy Zsófia", "", "Zsófi", "2001-04-23", "+36 20 123 4567",
             "zsofi.nagy@level.example", "@zsofi_n", "Fő utca 3, Budapest", "123456AE"),
    Invented("fr", "Aurélie Lefèvre-Dubois", "", "Lili", "1992-02-29", "+33 6 12 34 56 78",
             "aurelie.ld@courriel.example", "@aurelie.ld", "10 rue de la Paix, 75002 Paris", "12AB34567"),
]  # fmt: skip


def five_victims() -> list[Protected]:
    """Return the registry of a case with five victims."""
    chosen = [p for p in PEOPLE if p.locale in ("es", "ru", "ar", "zh", "de")]
    return [protected for place, p in enumerate(chosen, 1) for protected in p.registry(f"Victim {place}")]
