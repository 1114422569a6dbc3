/*
 * Where inline what is passed on begins (passed.h).
 */
#include "base/base.h"
#include "inspect/passed.h"

#include "base/text.h"

/* What mail programs write above forwarded text, after "-*_ >". */
static const char *const marks[] = {"original message",
    "forwarded message", "begin forwarded message", "forwarded by",
    "start of forwarded message", "weitergeleitete nachricht",
    "urspr\303\274ngliche nachricht", "originalnachricht",
    "original-nachricht", "anfang der weitergeleiteten",
    "message transf\303\251r\303\251", "message d'origine",
    "message original", "d\303\251but du message r\303\251exp",
    "doorgestuurd bericht", "oorspronkelijk bericht",
    "mensaje reenviado", "mensaje original", "messaggio inoltrato",
    "messaggio originale", "mensagem encaminhada", "mensagem original",
    "vidarebefordrat meddelande", "ursprungligt meddelande",
    "videresendt", "oprindelig meddelelse", "opprinnelig melding",
    "przekazana wiadomo", "v\303\241lasztott \303\274zenet",
    "forwarded mail", "forwarded e-mail", "forwarded email",
    "ursprüngliche mail", "weitergeleitet von", "transféré par",
    "e-mail transféré", "courriel d'origine", "inizio messaggio inoltrato",
    "inizio del messaggio", "inicio del mensaje", "início da mensagem",
    "doorgestuurde e-mail", "begin doorgestuurd",
    "vidarebefordrat", "videresendte", "videresendt", "edelleenlähetetty",
    "välitetty viesti", "alkuperäinen viesti", "wiadomość przekazana",
    "początek przekazywanej", "wiadomość oryginalna",
    "přeposlaná zpráva", "původní zpráva",
    "preposlaná správa", "továbbított üzenet", "eredeti üzenet",
    "mesaj redirecționat", "mesajul original", "iletilen mesaj",
    "iletilmiş", "orijinal ileti", "orijinal mesaj", "Пересылаемое",
    "Пересланное", "пересланное", "Исходное сообщение", "Начало пере",
    "Переслане повідомлення", "Оригінальне повідомлення", "转发邮件",
    "转发的邮件", "原始邮件", "原邮件", "轉寄郵件", "轉寄信件", "原始郵件",
    "転送メッセージ", "転送されたメッセージ", "元のメッセージ", "전달된 메시지",
    "원본 메시지", "전달된 메일", "Προωθημένο μήνυμα", "Αρχικό μήνυμα",
    "Originalmeddelande", "Препратено съобщение", "Özgün İleti"};

static const char *const inner_fields[] = {"from:", "date:", "sent:",
    "subject:", "to:", "received:", "return-path:", "message-id:",
    "delivered-to:", "reply-to:", "von:", "gesendet:", "datum:", "betreff:",
    "an:", "de:", "sujet:", "pour:", "à:", "da:", "oggetto:", "od:",
    "temat:", "till:", "från:", "envoy\303\251", "objet:", "van:", "verzonden:",
    "onderwerp:", "enviado", "asunto:", "para:", "fra:", "emne:", "fecha:",
    "data:", "inviato", "invio:", "assunto:", "aan:", "cc:", "dato:", "ämne:",
    "skickat:", "sendt:", "til:", "lähettäjä:", "lähetetty:", "vastaanottaja:",
    "aihe:", "wysłano:", "do:", "komu:", "předmět:", "odesláno:", "predmet:",
    "kimden:", "gönderilme", "kime:", "konu:", "tarih:", "feladó:",
    "címzett:", "tárgy:", "elküldve:", "От:", "От кого:", "Кому:", "Тема:", "Дата:",
    "Отправлено:", "Від:", "Относно:", "À:", "Ämne:", "发件人", "发送时间", "发送日期", "收件人", "主题",
    "寄件者", "收件者", "主旨", "差出人", "送信日時", "宛先", "件名", "日付",
    "보낸 사람", "보낸사람", "받는 사람", "받는사람", "제목", "날짜",
    "Από:", "Προς:", "Θέμα:", "Ημερομηνία:"};

static bool
field_line(const char *p)
{
	/* Outlook and mobile clients: "*From:* x" */
	p += strspn(p, " \t>*");
	for (size_t i = 0; i < COUNT_OF(inner_fields); i++) {
		size_t n = strlen(inner_fields[i]);

		if (text_istarts(p, inner_fields[i]))
			return true;
		/* the French put a blank before the colon */
		if (inner_fields[i][n - 1] == ':' &&
		    g_ascii_strncasecmp(p, inner_fields[i], n - 1) == 0 &&
		    (strncmp(p + n - 1, " :", 2) == 0 ||
			strncmp(p + n - 1, "\302\240:", 3) == 0))
			return true;
	}
	return false;
}

/* Where Outlook and mobile programs let it begin: at four fields on lines of
 * their own. */
const char *
passed_block(const char *s)
{
	while (*s != '\0') {
		const char *p = s;
		int fields = 0;

		for (int line = 0; line < 6 && field_line(p); line++) {
			fields++;
			p += strcspn(p, "\n");
			p += *p == '\n';
		}
		if (fields >= 4)
			return s;
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	return NULL;
}

/* Where forwarded text begins: behind the mark, with at least two header
 * lines there.  NULL when the text holds none. */
const char *
passed_inline(const char *s)
{
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");
		const char *t = s + strspn(s, " \t>-*_=");
		bool mark = false;

		for (size_t i = 0; i < COUNT_OF(marks) && !mark; i++)
			mark = text_istarts(t, marks[i]);
		if (mark && n < 120) {
			const char *p = s + n;
			int fields = 0;

			for (int line = 0; line < 12 && *p != '\0'; line++) {
				p += *p == '\n';
				fields += field_line(p);
				p += strcspn(p, "\n");
			}
			if (fields >= 2)
				return s + n + (s[n] == '\n');
		}
		s += n + (s[n] == '\n');
	}
	return NULL;
}

/* A header of a mail pasted whole: Received and From or Subject. */
const char *
passed_pasted(const char *s)
{
	const char *first = NULL;
	bool received = false, from = false;

	for (const char *p = s; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		const char *t = p + strspn(p, "> \t*");
		bool r = text_istarts(t, "Received: from") ||
		    text_istarts(t, "Received: by");

		if (first == NULL && (r || text_istarts(t, "Return-Path:") ||
			text_istarts(t, "Delivered-To:")))
			first = p;
		received |= r;
		from |= first != NULL && (text_istarts(t, "From:") ||
		    text_istarts(t, "Subject:"));
		p += n + (p[n] == '\n');
	}
	return received && from ? first : NULL;
}

/* "Fw: x" */
bool
passed_says(const char *subject)
{
	static const char *const forwards[] = {"fw:", "fwd:", "wg:", "tr:",
	    "rv:", "enc:", "vs:", "vb:", "i:", "doorst:", "pd:", "[fwd",
	    "fw :", "tr :", "rif:", "inoltra:", "továbbítás:", "Fwd :", "Пересл:",
	    "转发:", "转发：", "轉寄:", "転送:", "전달:", "ynt:", "ilt:", "πρθ:"};

	for (size_t i = 0; subject != NULL && i < COUNT_OF(forwards); i++)
		if (text_istarts(subject, forwards[i]))
			return true;
	return false;
}

/* Inline text without its quote marks, as a header block and a body. */
const char *
passed_unquoted(struct arena *a, const char *s)
{
	GString *out = arena_gstring(a);

	while (*s != '\0') {
		size_t n = strcspn(s, "\n");
		const char *t = s;

		while (*t == '>') {
			t++;
			if (*t == ' ' && t[1] != ' ' && t[1] != '\t')
				t++;
		}
		g_string_append_len(out, t, s + n - t);
		g_string_append_c(out, '\n');
		s += n + (s[n] == '\n');
	}
	return out->str;
}
