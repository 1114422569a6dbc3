/*
 * Letters of machines that say nothing of themselves (robot.h), in many
 * languages.  Such a letter is short and asks nothing: it names two or three
 * of the things that such letters consist of, and nothing of the matter
 * itself.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/robot.h"

enum {
	LETTER_MAX = 1500,  /* a longer one has more to say */
	ABSENT_MAX = 800,
	OPENING_MAX = 260,  /* who is away says so at once */
	NUMBER_MIN = 4,     /* digits of a ticket's */
	ROWS_MIN = 4,       /* of a form */
};

/* What an acknowledgement consists of: it came, */
static const char *const came[] = {
    "お問い合わせいただき", "已提交", "已创建", "已建立", "foi aberto",
    "foi aberta",
    "given the reference", "opened case ", "opened a case", "opened a ticket",
    "opened your case", "opened on your behalf", "opened case number",
    "opened ticket number",
    "has been received", "have received your", "we received your",
    "we've received", "we’ve received", "got your request",
    "got your message", "has been updated", "was updated",
    "acknowledgement mail", "this is an acknowledg", "wir haben ihre",
    "wir haben dein", "ticket erhalten", "erfasst.", "registriert.",
    "angelegt.", "a été ouvert", "a été créé", "a été enregistr",
    "a bien été", "fue recibid", "fue registrad", "fue cread",
    "è stata presa in carico", "è stato aperto", "in goede orde",
    "is geregistreerd",
    /* or was read */
    "開封され", "was read on", "was displayed on", "was deleted without",
    "gelesen.",
    "a été lu le", "fue leído", "è stato letto", "is gelezen",
    "been received and", "was received by", "was registered under",
    "has been successfully",
    "has been logged", "has been registered", "has been created",
    "was created", "has been opened", "has been submitted",
    "has been assigned", "has been recorded", "confirm receipt",
    "acknowledge receipt", "acknowledge that we", "ist bei uns eingegangen",
    "bei uns eingegangen", "haben ihre anfrage", "haben ihre nachricht",
    "wurde registriert", "wurde erfasst", "wurde angelegt", "wurde erstellt",
    "wurde eröffnet", "bien été", "bien reçu", "hemos recibido",
    "ha sido recibid", "ha sido registrad", "se ha creado",
    "abbiamo ricevuto", "stata ricevuta", "stata registrata", "stato creato",
    "is ontvangen", "hebben ontvangen", "ontvangen en", "geregistreerd",
    "is aangemaakt", "recebemos", "foi recebid", "foi registrad", "foi criad",
    "zostało przyjęte", "zostało zarejestrowane", "została przyjęta",
    "otrzymaliśmy", "zaregistrov", "byla přijata", "har mottagits",
    "har registrerats", "har tagit emot", "er mottatt", "er modtaget",
    "on vastaanotettu", "зарегистрирован", "принят", "получен", "受け付け",
    "受付",
    "已收到", "已受理", "접수", "landed in our", "we have your request",
    "we have your message", "we have your mail", "bei uns angekommen",
    "wurde aufgenommen", "haben ein ticket", "ha sido abiert",
    "se ha abierto", "se abrió", "hemos abierto", "abrimos o", "foi registad",
    "è stata aperta", "è stata inviata", "avons ouvert", "nous est parvenu",
    "est bien arriv", "a été transmis", "megkaptuk", "rögzítettük",
    "beérkezett", "megérkezett", "alınmıştır", "kayda al", "oluşturulmuştur",
    "înregistrat", "a fost deschis", "a fost creat", "зареєстрован",
    "регистриран", "είναι καταχωρημέν", "αταχωρήθηκε", "λάβαμε", "ελήφθη",
    "vastaanotettu", "vastaanottaneet", "zarejestrowan", "přijali",
    "evidovali", "zaevidov", "prijali", "zaprimljen", "zaprimili",
    "zabilježen", "har modtaget", "har mottatt", "har skapats",
    "užregistruot", "saņemts", "reģistrēt", "registreeritud", "קיבלנו",
    "התקבלה", "נפתחה", "تم استلام", "تم فتح", "استلمنا", "telah dibuat",
    "已经收到", "已登记", "접수되"};
/* what says so of a mail with a number only, */
static const char *const came_numbered[] = {
    "in our queue", "is now open", "a ticket for you", "ist angekommen",
    "ist eingegangen", "hebben uw", "is bij ons", "is aangemeld",
    "ontvangst van", "is geopend", "se registró", "è pervenut", "alındı",
    "ulaşmıştır", "oluşturuldu", "am primit", "отримали", "отримано",
    "създаден", "створено", "kirjattu", "eröffnet", "otrzyman", "utworzon",
    "przyjęt", "přijat", "prijat", "vytvořen", "vytvoren", "primili",
    "prejeli", "oprettet", "opprettet", "har fått", "gauta", "ได้รับ",
    "đã nhận", "đã được", "diterima", "受け取り", "受領", "承り", "已建",
    "등록되",
    "is now in our", "is in our system", "has reached us", "reached our",
    "erhalten", "eingegangen", "registriert", "erfasst", "reçu", "enregistré",
    "recibid", "registrad", "ricevut", "registrat", "ontvangen", "dotarł",
    "wpłynęł", "zarejestr", "przyjęl", "obdržel", "evidujeme", "obdržali",
    "evidentiran", "otvoren", "zabelež", "gavome", "sukurt", "saņēm", "saime",
    "kätte saad", "kami terima", "menerima", "telah diterima", "tiếp nhận",
    "kaydedil", "aldık", "iktat", "létrej", "primit", "creat", "получихме",
    "получили", "принято", "создан", "נקלט", "تلقينا", "تسجيل", "دریافت",
    "ثبت", "प्राप्त", "registreret", "registrert", "registrerat", "mottagit",
    "mottatt", "vastaanot", "rekister", "拝受", "受け付け", "收到", "受理",
    "登记",
    "we opened", "we have opened", "was made", "has made a", "we made",
    "we created", "status: open", "status: new", "status: logged",
    "has been reported by", " created."};
/* it has a number, */
static const char *const numbered[] = {
    "ticket number", "ticket id", "ticket #", "ticket no", "ticket:",
    "(ticket", "[ticket", "ticket nr", "ticketnummer", "ticket-id",
    "ticket-nr", "case number", "case id", "case #", "case no",
    "reference number", "reference #", "reference id", "reference no",
    "reference:", "your reference", "referenznummer", "vorgangsnummer",
    "bearbeitungsnummer", "aktenzeichen", "request id", "request number",
    "request #", "tracking number", "tracking id", "incident number",
    "incident inc", "ref:msg", "an id of", "numéro", "número", "numero",
    "onder nummer", "zaaknummer", "meldingsnummer", "numer zgłoszenia",
    "číslo", "ärendenummer", "saksnummer", "sagsnummer", "ticket mit der",
    "mit der id", "unter der nummer", "ticket :", "solicitud (",
    "solicitud #", "demande n", "demande #", "under number", "richiesta n",
    "id zgłoszenia", "{#hs:", "番号：", "番号:", "номер", "受付番号", "编号",
    "번호",
    "ref:_00d", "ref:!00d", "reference is", "reference nr", "meldnummer",
    "azonosító", "iktatószám", "jegyszám", "kayıt no", "talep no", "takip no",
    "numaralı", "numarası", "αριθμ", "tunnus", "tikettinumero", "id-nummer",
    "referanse", "reference-nr", "sagsnr", "zgłoszenia nr", "nr zgłoszenia",
    "pod numerem", "pod číslem", "pod brojem", "broj zahtjeva", "numărul",
    "под №", "под номер", "номером", "מספר", "رقم", "หมายเลข", "mã số",
    "nomor", "案件号", "單號", "单号"};
/* and somebody will look at it. */
static const char *const promised[] = {
    "as soon as possible", "get back to you", "will respond",
    "will be in touch", "will contact you", "will review", "be reviewed",
    "being reviewed", "is reviewing", "business day", "working day",
    "within 24", "within 48", "will be handled", "will be processed",
    "will be answered", "schnellstmöglich", "so schnell wie möglich",
    "so bald wie möglich", "baldmöglichst", "geprüft", "melden uns",
    "bearbeitet", "dans les plus brefs délais", "sera traité",
    "lo antes posible", "a la brevedad", "será atendid", "il prima possibile",
    "nel più breve tempo", "zo spoedig mogelijk", "in behandeling",
    "zo snel mogelijk", "o mais breve", "assim que possível",
    "jak najszybciej", "co nejdříve", "så snart", "mahdollisimman pian",
    "as soon as we can", "in kürze", "kurzfristig", "will be dealt with",
    "deal with it", "follow-up with you", "follow up with you",
    "siendo revisad", "sendo analisad", "will be assigned", "below this line",
    "above this line", "encima de esta línea", "oberhalb dieser",
    "au-dessus de cette", "boven deze regel", "sopra questa riga",
    "в ближайшее время", "кратчайшие сроки", "順次", "尽快", "빠른 시일",
    "shortly",
    "in due course", "will take it from", "will write to you", "look at it",
    "look into it", "usually answer", "usually reply", "usually respond",
    "our team will", "our staff", "an engineer", "an agent", "durchgesehen",
    "kümmert sich", "kümmern uns", "zeitnah", "umgehend", "nächstmöglich",
    "en cuanto sea posible", "en breve", "lo más pronto", "será respondid",
    "nos pondremos", "em breve", "vai analisar", "entraremos em",
    "quanto prima", "a breve", "verrà gestit", "le répondr", "vous répondr",
    "prendra contact", "nous reviendrons", "spoedig", "nemen contact",
    "binnen enkele", "hamarosan", "lehető leghamarabb", "rövidesen",
    "en kısa sürede", "kısa süre", "cel mai scurt", "în cel mai",
    "cât mai curând", "найближчим часом", "най-скоро", "възможно най",
    "συντομότερο", "επικοινωνήσουμε", "mahdollisimman", "otamme yhteyttä",
    "niezwłocznie", "wkrótce", "w najkrótszym", "brzy", "bude vyřízen",
    "čo najskôr", "čoskoro", "što prije", "uskoro", "čim prej",
    "v najkrajšem", "hurtigst muligt", "snarest", "så hurtig", "inom kort",
    "så fort", "kuo greičiau", "artimiausi", "pēc iespējas",
    "esimesel võimalusel", "בהקדם", "في أقرب", "โดยเร็ว", "sớm nhất",
    "trong thời gian", "segera", "secepat", "折り返し", "早急", "后续", "尽速",
    "儘快",
    "빠르게", "빠른 시간", "곧 ", "picked up by", "next free", "skontaktuj",
    "odpowiemy", "sprawdzan", "artimiausiu", "atsakysime", "ozveme",
    "odpovíme", "odpovieme", "vastaame", "svarar", "vender tilbage", "svarer",
    "javimo", "odgovorit", "akan menghubungi", "otpovedi", "hubungi",
    "răspunde", "válaszol", "yanıt", "dönüş", "ответим", "відповімо",
    "отговорим", "απαντήσουμε", "נחזור", "יחזור", "الرد", "پاسخ",
    "ติดต่อกลับ", "trả lời", "liên hệ", "ご連絡いたし", "ご回答", "답변",
    "回复您", "联系您",
    "與您聯", "come back to you", "follow it at", "track it at",
    "be in contact"};

/* An absence: somebody is away, */
static const char *const away[] = {
    "am out of office", "am out of the office", "am currently out of",
    "is out of the office", "is out of office",
    "be out of the office", "be out of office", "currently out of",
    "i'm out of", "i’m out of", "am on leave", "am on vacation",
    "am on holiday", "am on annual leave", "am currently on",
    "currently on leave", "currently on vacation", "am away from",
    "am currently away", "am not in the office", "maternity leave",
    "parental leave", "no longer with", "no longer work", "nicht im büro",
    "nicht im haus", "außer haus", "ausser haus", "im urlaub", "in urlaub",
    "abwesend", "nicht erreichbar", "in elternzeit", "dienstreise", "absent",
    "en congé", "en vacances", "en déplacement", "ausente",
    "fuera de la oficina", "de vacaciones", "de férias", "fora do escritório",
    "fuori ufficio", "in ferie", "fuori sede", "afwezig", "niet aanwezig",
    "niet op kantoor", "met vakantie", "op vakantie", "på semester",
    "på ferie", "inte på kontoret", "ledig", "lomalla", "poissa",
    "poza biurem", "na urlopie", "nieobecn", "mimo kancelář", "na dovolené",
    "szabadságon", "în concediu", "в отпуске", "отсутству", "у відпустці",
    "izinde", "ofis dışında", "休暇", "不在", "休假", "외근", "휴가", "부재",
    "godišnjem odmoru", "godišnjem sam odmoru", "na odmoru", "odsutan",
    "odsutna", "na dopustu", "na dovolenke", "mimo kancelárie", "ledigen",
    "på kontoret", "orlov", "ebasolek", "puhkusel", "atostog", "atvaļinājum",
    "prombūtn", "szabadságon", "nem vagyok", "irodán kívül",
    "nu sunt la birou", "съм в отпуск", "в отпуск ", "отсъств", "σε άδεια",
    "εκτός γραφείου", "yıllık izin", "izinli", "בחופשה", "בחופש", "לא במשרד",
    "في إجازة", "خارج المكتب", "مرخصی", "अवकाश", "ลาพักร้อน", "ไม่อยู่",
    "nghỉ phép", "vắng mặt", "sedang cuti", "休暇中", "出張", "外出", "出差",
    "出国",
    "출장", "fora de l", "fora do", "frånvarande", "has left the company",
    "has left our company", "no longer at", "no longer employed",
    "nicht mehr im unternehmen", "nicht mehr bei uns", "nicht mehr für uns",
    "ne fait plus partie", "ne travaille plus", "ya no trabaja",
    "non lavora più", "não trabalha mais", "werkt niet meer",
    "nicht mehr beim ", "nicht mehr tätig",
    "no longer part of", "ne suis plus", "ya no formo", "non lavoro più",
    "werk niet meer", "nie pracuje",
    "dovolenou", "arbetar inte längre", "больше не работает"};
/* will be back, */
static const char *const back[] = {
    "will return", "be back", "i return", "back on", "back in the office",
    "returning", "until ", "wieder", "zurück", "bis zum",
    "bis einschließlich", "bis einschl", " ab dem", "jusqu'au", "jusqu’au",
    "mon retour", "de retour", "hasta el", "hasta", "regreso", "vuelta",
    "rientro", "fino al", "torner", "terug", "tot en met", "retorno", "até ",
    "tillbaka", "tilbake", "tilbage", "åter ", "powrót", "do dnia", "wracam",
    "vissza", "inapoi", "înapoi", "zpět", "до ", "vraćam", "povratk", "vrnem",
    "nazaj", "vrátim", "späť", "späťnem", "elérhető", "visszatér",
    "mă întorc", "revin", "връщам", "завръщ", "επιστρ", "döneceğ", "dönüş",
    "אחזור", "חוזר", "أعود", "العودة", "กลับ", "quay lại", "trở lại",
    "kembali", "복귀", "fins al", "fins a", "日まで", "일까지", "iki ", "līdz",
    "kuni "};
/* and names a deputy, or says what becomes of the mail. */
static const char *const deputy[] = {
    "urgent", "in my absence", "emergenc", "urgence", "urgente", "dringend",
    "vertret", "spoed", "please contact", "wenden sie sich", "contactez",
    "contactar", "contatt", "limited access", "no access to",
    "not be forwarded", "weitergeleitet", "will be read", "will be answered",
    "gelesen", "sera lu", "brådskande", "haster", "kiireelli", "piln",
    "naléhav", "sürgős", "срочн", "緊急", "紧急", "hitn", "žurn", "nujn",
    "súrn",
    "ürgős", "de urgență", "спешн", "нагальн", "терміново", "επείγ", "acil",
    "דחופ", "עאجל", "عاجل", "เร่งด่วน", "ด่วน", "khẩn", "mendesak", "至急",
    "급한", "急事", "skub", "steidzam", "kiireloom", "obratite se", "forduljon",
    "contactați", "お急ぎ", "urgents", "direct your mail", "is not read",
    "bråttom", "will not be read", "neplatná"};
/* People who write all the same speak of these; */
static const char *const matters[] = {
    "machine", " host", "server", "blocked", " logs", "infected", "attack",
    "rechner", "gesperrt", "serveur", "servidor", "cleaned", "reinstall",
    "isolated", "サーバ", "感染", "遮断", "服务器", "主机", "서버", "차단",
    "сервер",
    "заблок", "изолир", "szerver", "sunucu", "serwer", "palvelin",
    "διακομιστ", "počítač", "usunęl", "nettoyé", "bloqué", "bloccat",
    "bloquead", "geblokkeerd", "opgeschoond", "מחשב", "חסמנו", "الخادم"};
/* those who are away, of these too. */
static const char *const cases[] = {
    "incident", "the case", "this case", "report", "vorfall", "meldung"};
/* No machine says this. */
static const char *const human[] = {
    " i am ", " i will ", " i have ", " i had ", " i was ", " i can ",
    " i could ", " i think ", " i do ", " i don't ", " i looked ", " i just ",
    " i know ", " i need ", " i would ", " i'd ", " i'll ", " i’ll ",
    " i see ", " i saw ", " i found ", " i ask", "i'm ", "i’m ", "i've ",
    "i’ve ", "sorry", "mistake", "please close", "entschuldig", "irrtümlich",
    "versehentlich", " ich ", "désolé", "par erreur", "por error",
    "per errore", "vergissing", "ошибочно", "помилково", "thanks!", "cheers"};

/* Which runs of three bytes a letter has, give or take some: most of the
 * tables need not be looked for. */
struct runs {
	const char *words;
	uint8_t has[8192];
};

static size_t
run_of(const char *s)
{
	return ((unsigned char)s[0] * 31u + (unsigned char)s[1] * 1057u +
	    (unsigned char)s[2] * 271u) & 8191;
}

static void
take_runs(struct runs *r, const char *words)
{
	r->words = words;
	memset(r->has, 0, sizeof(r->has));
	for (const char *p = words; p[0] != '\0' && p[1] != '\0' &&
	     p[2] != '\0'; p++)
		r->has[run_of(p)] = 1;
}

static bool
has_any(const struct runs *r, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *s = list[i];
		size_t len = strlen(s);

		if ((len < 3 || (r->has[run_of(s)] != 0 &&
			r->has[run_of(s + len - 3)] != 0)) &&
		    strstr(r->words, s) != NULL)
			return true;
	}
	return false;
}
#define HAS_ANY(r, list) has_any(r, list, COUNT_OF(list))

/* A question mark, ASCII's or the wide one; not that of a URL. */
static bool
asks(const char *s)
{
	for (const char *p = s; (p = strchr(p, '?')) != NULL; p++)
		if (p[1] == '\0' || p[1] == ' ' || p[1] == '\n' ||
		    p[1] == '"' || p[1] == ')')
			return true;
	return strstr(s, "？") != NULL;
}

static bool
letter(const char *subject, const char *words, size_t most)
{
	return strlen(words) <= most && !asks(words) &&
	    (subject == NULL || !asks(subject));
}

/* A number of the subject that the letter gives again: in no language would
 * it be anything but the ticket's. */
static bool
same_number(const char *subject, const char *words)
{
	static const char digits[] = "0123456789";
	const char *s = subject != NULL ? subject : "";
	char number[32];

	for (size_t n; *(s += strcspn(s, digits)) != '\0'; s += n) {
		n = strspn(s, digits);
		if (n < NUMBER_MIN || n >= sizeof(number) ||
		    (n == 4 && (s[0] == '1' || s[0] == '2'))) /* a year */
			continue;
		memcpy(number, s, n);
		number[n] = '\0';
		if (strstr(words, number) != NULL)
			return true;
	}
	return false;
}

static bool
has_number(const char *s)
{
	static const char digits[] = "0123456789";

	for (s += strcspn(s, digits); *s != '\0'; s += strcspn(s, digits)) {
		size_t n = strspn(s, digits);

		if (n >= NUMBER_MIN)
			return true;
		s += n;
	}
	return false;
}

/* "request (12345)", "ticket #12345" */
static bool
marked_number(const char *words)
{
	for (const char *p = words; (p = strpbrk(p, "(#")) != NULL; p++)
		if (strspn(p + 1, "0123456789") > NUMBER_MIN)
			return true;
	for (const char *p = words; (p = strstr(p, "ticket ")) != NULL; p++)
		if (strspn(p + 7, "0123456789") > NUMBER_MIN)
			return true;
	return false;
}

/* "Title : x Requester : y Opened : z": a notice, with names of fields in
 * any language. */
static bool
form(const char *words)
{
	size_t rows = 0;

	for (const char *p = words; (p = strstr(p, " : ")) != NULL; p += 3)
		rows++;
	return rows >= ROWS_MIN;
}

bool
robot_receipt(const char *subject, const char *words, bool begun)
{
	bool has_come, numbers, promises;
	struct runs r;

	if (!letter(subject, words, LETTER_MAX))
		return false;
	take_runs(&r, words);
	has_come = HAS_ANY(&r, came) || (begun && form(words));
	numbers = HAS_ANY(&r, numbered) || same_number(subject, words) ||
	    marked_number(words) || (begun && has_number(subject));
	promises = HAS_ANY(&r, promised);
	if (!has_come && numbers && (begun || promises))
		has_come = HAS_ANY(&r, came_numbered);
	if (!begun && !has_come)
		return false;
	/* the subject is one sign, two are enough */
	return (has_come ? begun || numbers || promises :
		   numbers && promises) &&
	    !text_istarts(words, "i ") && !HAS_ANY(&r, human) &&
	    (begun || !HAS_ANY(&r, matters));
}

bool
robot_absence(const char *subject, const char *words, bool begun)
{
	g_autofree char *low = begun ? g_ascii_strdown(subject, -1) : NULL;
	/* "I am out of the office" above "Back on Monday" */
	bool told = low != NULL && text_has_any(low, away, COUNT_OF(away));
	const char *at = NULL;
	struct runs r;

	if (!letter(subject, words, ABSENT_MAX))
		return false;
	take_runs(&r, words);
	for (size_t i = 0; i < COUNT_OF(away) && at == NULL; i++)
		if (has_any(&r, away + i, 1))
			at = strstr(words, away[i]);
	if (at == NULL ? !told : at - words > OPENING_MAX)
		return false;
	return ((begun && at != NULL) || HAS_ANY(&r, back) ||
		   HAS_ANY(&r, deputy)) &&
	    !HAS_ANY(&r, cases) && !HAS_ANY(&r, matters);
}
