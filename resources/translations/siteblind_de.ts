<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AgreementDialog</name>
    <message>
        <source>95 % confidence interval</source>
        <translation>95-%-Konfidenzintervall</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation>Übereinstimmung</translation>
    </message>
    <message>
        <source>Agreement of readers</source>
        <translation>Übereinstimmung der Beurteilenden</translation>
    </message>
    <message>
        <source>Compared are blind second reads with the labels as they were when drawn. Kappa: Cohen 1960; 95 % confidence interval by the large-sample standard error of Fleiss, Cohen and Everitt 1969, rough below {0} images.</source>
        <translation>Verglichen werden verblindete Zweitbeurteilungen mit den Labels zum Zeitpunkt der Ziehung. Kappa: Cohen 1960; 95-%-Konfidenzintervall mit dem Standardfehler für große Stichproben nach Fleiss, Cohen und Everitt 1969, unter {0} Bildern grob.</translation>
    </message>
    <message>
        <source>First reader</source>
        <translation>Erste Beurteilung</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation>Kappa</translation>
    </message>
    <message>
        <source>No image was read a second time yet. Begin with Second reading …</source>
        <translation>Noch kein Bild wurde ein zweites Mal beurteilt. Beginnen Sie mit Zweitbeurteilung …</translation>
    </message>
    <message>
        <source>Pairs of readers</source>
        <translation>Paare von Beurteilenden</translation>
    </message>
    <message>
        <source>Rows: what {0} said. Columns: what {1} said. Bold: both said the same.</source>
        <translation>Zeilen: was {0} sagte. Spalten: was {1} sagte. Fett: Beide sagten dasselbe.</translation>
    </message>
    <message>
        <source>Second reader</source>
        <translation>Zweite Beurteilung</translation>
    </message>
    <message>
        <source>Settle one disagreement</source>
        <translation>Eine Abweichung klären</translation>
    </message>
    <message>
        <source>Settle {0} disagreements</source>
        <translation>{0} Abweichungen klären</translation>
    </message>
    <message>
        <source>What both readers said</source>
        <translation>Was beide sagten</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>{0} to {1}</source>
        <translation>{0} bis {1}</translation>
    </message>
</context>
<context>
    <name>AloneController</name>
    <message>
        <source>It takes as many steps as all rounds of the study together, and is measured on the same held-out images as the shared model. Nothing is sent.</source>
        <translation>Es braucht so viele Schritte wie alle Runden der Studie zusammen und wird an denselben zurückgehaltenen Bildern gemessen wie das gemeinsame Modell. Es wird nichts gesendet.</translation>
    </message>
    <message>
        <source>Shared model: {0}. Trained alone: {1}, on the same {2} images.</source>
        <translation>Gemeinsames Modell: {0}. Allein trainiert: {1}, auf denselben {2} Bildern.</translation>
    </message>
    <message>
        <source>So few images: the difference may be chance.</source>
        <translation>So wenige Bilder: Der Unterschied kann Zufall sein.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; stop that first.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; beenden Sie das zuerst.</translation>
    </message>
    <message>
        <source>Train a model on this site's images alone?</source>
        <translation>Ein Modell nur mit den Bildern dieses Standorts trainieren?</translation>
    </message>
    <message>
        <source>Train alone</source>
        <translation>Allein trainieren</translation>
    </message>
    <message>
        <source>Trained alone: {0}. No shared model was received yet.</source>
        <translation>Allein trainiert: {0}. Noch wurde kein gemeinsames Modell empfangen.</translation>
    </message>
    <message>
        <source>Training alone, to compare: step {0} of {1}</source>
        <translation>Training allein, zum Vergleich: Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>a comparison with training alone</source>
        <translation>einem Vergleich mit dem Training allein</translation>
    </message>
</context>
<context>
    <name>AreaCanvas</name>
    <message>
        <source>Image with the areas that will be black</source>
        <translation>Bild mit den Flächen, die schwarz werden</translation>
    </message>
</context>
<context>
    <name>AuditController</name>
    <message>
        <source>Cancelled before the end; nothing was changed.</source>
        <translation>Vor dem Ende abgebrochen; es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>Check audit trail</source>
        <translation>Aufzeichnung prüfen</translation>
    </message>
    <message>
        <source>Entry {0} of {1}</source>
        <translation>Eintrag {0} von {1}</translation>
    </message>
    <message>
        <source>Export audit trail</source>
        <translation>Aufzeichnung exportieren</translation>
    </message>
    <message>
        <source>Reading the audit trail …</source>
        <translation>Die Aufzeichnung wird gelesen …</translation>
    </message>
    <message>
        <source>The audit trail is being read; wait for that.</source>
        <translation>Die Aufzeichnung wird gerade gelesen; bitte warten Sie.</translation>
    </message>
    <message>
        <source>The audit trail is whole: {0} entries. Keep this elsewhere, to notice if its end is cut off:
{1} {2}</source>
        <translation>Die Aufzeichnung ist vollständig: {0} Einträge. Verwahren Sie dies anderswo, um zu bemerken, wenn ihr Ende abgeschnitten wird:
{1} {2}</translation>
    </message>
    <message>
        <source>{0} holds {1} entries of the audit trail.</source>
        <translation>{0} enthält {1} Einträge der Aufzeichnung.</translation>
    </message>
</context>
<context>
    <name>BrowsingController</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>ClassEditor</name>
    <message>
        <source>Archive</source>
        <translation>Archivieren</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>Class to merge into</source>
        <translation>Klasse, mit der zusammengelegt wird</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>Classes in their order</source>
        <translation>Klassen in ihrer Reihenfolge</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Colour of the class</source>
        <translation>Farbe der Klasse</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Images have it: it can be archived or merged, not removed.</source>
        <translation>Bilder haben sie: Sie kann archiviert oder zusammengelegt, aber nicht entfernt werden.</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>Key of the class</source>
        <translation>Taste der Klasse</translation>
    </message>
    <message>
        <source>Merge into</source>
        <translation>Zusammenlegen mit</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name of the class</source>
        <translation>Name der Klasse</translation>
    </message>
    <message>
        <source>No image ever had it: it can be removed.</source>
        <translation>Kein Bild hatte sie je: Sie kann entfernt werden.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>blue</source>
        <translation>blau</translation>
    </message>
    <message>
        <source>bluish green</source>
        <translation>blaugrün</translation>
    </message>
    <message>
        <source>choose a class …</source>
        <translation>Klasse wählen …</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>grau</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>orange</source>
        <translation>orange</translation>
    </message>
    <message>
        <source>reddish purple</source>
        <translation>rotviolett</translation>
    </message>
    <message>
        <source>sky blue</source>
        <translation>himmelblau</translation>
    </message>
    <message>
        <source>vermilion</source>
        <translation>zinnoberrot</translation>
    </message>
    <message>
        <source>yellow</source>
        <translation>gelb</translation>
    </message>
    <message>
        <source>{0} (archived)</source>
        <translation>{0} (archiviert)</translation>
    </message>
</context>
<context>
    <name>ClassPanel</name>
    <message>
        <source>0   Remove label</source>
        <translation>0   Label entfernen</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add the class</source>
        <translation>Klasse hinzufügen</translation>
    </message>
    <message>
        <source>Add the lesions that you want to tell apart.</source>
        <translation>Fügen Sie die Läsionen hinzu, die Sie unterscheiden möchten.</translation>
    </message>
    <message>
        <source>Exclude …</source>
        <translation>Ausschließen …</translation>
    </message>
    <message>
        <source>Excluded: {0}</source>
        <translation>Ausgeschlossen: {0}</translation>
    </message>
    <message>
        <source>Go to the next image after labelling</source>
        <translation>Nach dem Label zum nächsten Bild gehen</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>Name of a new class</source>
        <translation>Name einer neuen Klasse</translation>
    </message>
    <message>
        <source>New class, for example nevus</source>
        <translation>Neue Klasse, zum Beispiel Nävus</translation>
    </message>
    <message>
        <source>Note …</source>
        <translation>Notiz …</translation>
    </message>
    <message>
        <source>Note: {0}</source>
        <translation>Notiz: {0}</translation>
    </message>
    <message>
        <source>Remove label</source>
        <translation>Label entfernen</translation>
    </message>
    <message>
        <source>Take in again</source>
        <translation>Wieder aufnehmen</translation>
    </message>
    <message>
        <source>then next image</source>
        <translation>dann nächstes Bild</translation>
    </message>
</context>
<context>
    <name>ClassRow</name>
    <message>
        <source>Edit the class {0}</source>
        <translation>Klasse {0} bearbeiten</translation>
    </message>
    <message>
        <source>Label the selected images as {0}</source>
        <translation>Ausgewählten Bildern das Label {0} geben</translation>
    </message>
    <message>
        <source>Share of the labels: {0}</source>
        <translation>Anteil der Labels: {0}</translation>
    </message>
</context>
<context>
    <name>ClassesController</name>
    <message>
        <source>All labels and second reads change their class at once; who gave them stays. This cannot be undone.</source>
        <translation>Alle Labels und Zweitbeurteilungen wechseln zugleich ihre Klasse; wer sie vergab, bleibt erhalten. Das kann nicht rückgängig gemacht werden.</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archivieren</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>Zusammenlegen</translation>
    </message>
    <message>
        <source>They keep this label, but are not trained on while the class is archived. It can be brought back.</source>
        <translation>Sie behalten dieses Label, aber mit ihnen wird nicht trainiert, solange die Klasse archiviert ist. Sie kann zurückgeholt werden.</translation>
    </message>
    <message>
        <source>Turn every “{0}” into “{1}”?</source>
        <translation>Jedes „{0}“ in „{1}“ ändern?</translation>
    </message>
    <message>
        <source>image is</source>
        <translation>Bild ist</translation>
    </message>
    <message>
        <source>images are</source>
        <translation>Bilder sind</translation>
    </message>
    <message>
        <source>{0} labelled “{1}”.</source>
        <translation>{0} als „{1}“ eingestuft.</translation>
    </message>
</context>
<context>
    <name>ConsentPage</name>
    <message>
        <source>I agree, for this site, to take part in this study</source>
        <translation>Ich stimme für diesen Standort zu, an dieser Studie teilzunehmen</translation>
    </message>
    <message>
        <source>It stays here, in the audit trail, with the date.</source>
        <translation>Er bleibt hier, im Protokoll, mit dem Datum.</translation>
    </message>
    <message>
        <source>Name of this site</source>
        <translation>Name dieses Standorts</translation>
    </message>
    <message>
        <source>The study's owner sees it, and may show it to others.</source>
        <translation>Die Studienleitung sieht ihn und kann ihn anderen zeigen.</translation>
    </message>
    <message>
        <source>You can leave the study at any time, on its page. The coordinator then drops what it keeps of this site; models that were averaged before stay as they are.</source>
        <translation>Sie können die Studie jederzeit auf ihrer Seite verlassen. Der Koordinator löscht dann, was er von diesem Standort aufbewahrt; Modelle, die vorher gemittelt wurden, bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Ihr Name</translation>
    </message>
    <message>
        <source>for example the hospital</source>
        <translation>zum Beispiel das Krankenhaus</translation>
    </message>
</context>
<context>
    <name>ContributionDialog</name>
    <message>
        <source>Use from the next start on</source>
        <translation>Ab dem nächsten Beginn verwenden</translation>
    </message>
    <message>
        <source>What of yours takes part</source>
        <translation>Was von Ihnen teilnimmt</translation>
    </message>
    <message>
        <source>What takes part</source>
        <translation>Was teilnimmt</translation>
    </message>
</context>
<context>
    <name>ContributionPage</name>
    <message>
        <source>Classes and scanners that take part</source>
        <translation>Klassen und Scanner, die teilnehmen</translation>
    </message>
    <message>
        <source>No image is labelled yet; every scanner will take part.</source>
        <translation>Noch ist kein Bild gelabelt; alle Scanner werden teilnehmen.</translation>
    </message>
    <message>
        <source>Nothing of yours means: {0}.</source>
        <translation>Keine Ihrer Klassen bedeutet: {0}.</translation>
    </message>
    <message>
        <source>Only images of these scanners are trained on. Scanners that come later take part when somebody here says so.</source>
        <translation>Nur mit Bildern dieser Scanner wird trainiert. Scanner, die später hinzukommen, nehmen erst teil, wenn hier jemand es so bestimmt.</translation>
    </message>
    <message>
        <source>Say which of them mean the same as a class of the study. Several may mean one. Your own names stay here and are never sent.</source>
        <translation>Legen Sie fest, welche dasselbe bedeuten wie eine Klasse der Studie. Mehrere dürfen dieselbe bedeuten. Ihre eigenen Namen bleiben hier und werden nie gesendet.</translation>
    </message>
    <message>
        <source>You have no classes yet. Join all the same; the study's page then offers to add the study's classes to yours.</source>
        <translation>Sie haben noch keine Klassen. Treten Sie trotzdem bei; die Seite der Studie bietet dann an, deren Klassen zu übernehmen.</translation>
    </message>
    <message>
        <source>Your classes</source>
        <translation>Ihre Klassen</translation>
    </message>
    <message>
        <source>Your scanners</source>
        <translation>Ihre Scanner</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>image takes</source>
        <translation>Bild nimmt</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>images take</source>
        <translation>Bilder nehmen</translation>
    </message>
    <message>
        <source>labelled image</source>
        <translation>gelabeltes Bild</translation>
    </message>
    <message>
        <source>labelled images</source>
        <translation>gelabelte Bilder</translation>
    </message>
    <message>
        <source>means “{0}”</source>
        <translation>bedeutet „{0}“</translation>
    </message>
    <message>
        <source>scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>scanners</source>
        <translation>Scannern</translation>
    </message>
    <message>
        <source>takes no part</source>
        <translation>nimmt nicht teil</translation>
    </message>
    <message>
        <source>{0} part, of {1}.</source>
        <translation>{0} teil, von {1}.</translation>
    </message>
    <message>
        <source>“{0}” means in the study</source>
        <translation>„{0}“ bedeutet in der Studie</translation>
    </message>
</context>
<context>
    <name>CopyController</name>
    <message>
        <source>Copies are being exported; wait until that is done.</source>
        <translation>Es werden gerade Kopien exportiert; bitte warten Sie, bis das beendet ist.</translation>
    </message>
    <message>
        <source>Copying file {0} of {1}</source>
        <translation>Datei {0} von {1} wird kopiert</translation>
    </message>
    <message>
        <source>Copying …</source>
        <translation>Wird kopiert …</translation>
    </message>
    <message>
        <source>Export a de-identified copy</source>
        <translation>De-identifizierte Kopie exportieren</translation>
    </message>
    <message>
        <source>Exported {0}, with manifest.csv and README.txt.</source>
        <translation>Exportiert: {0}, mit manifest.csv und README.txt.</translation>
    </message>
    <message>
        <source>It cannot be shown: {0}</source>
        <translation>Es kann nicht gezeigt werden: {0}</translation>
    </message>
    <message>
        <source>Looking for names written into images …</source>
        <translation>In Bilder geschriebene Namen werden gesucht …</translation>
    </message>
    <message>
        <source>Looking for names written into images: {0} of {1}</source>
        <translation>In Bilder geschriebene Namen werden gesucht: {0} von {1}</translation>
    </message>
    <message>
        <source>The export was cancelled. What was exported so far ({0}) is whole and listed in manifest.csv.</source>
        <translation>Der Export wurde abgebrochen. Was bis dahin exportiert wurde ({0}), ist vollständig und in manifest.csv aufgeführt.</translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation>Der Export wurde abgebrochen; es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>There are no images yet; open a folder first.</source>
        <translation>Es gibt noch keine Bilder; öffnen Sie zuerst einen Ordner.</translation>
    </message>
    <message>
        <source>file</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>The curve appears here as soon as there is one.</source>
        <translation>Die Kurve erscheint hier, sobald es eine gibt.</translation>
    </message>
</context>
<context>
    <name>DeleteProjectDialog</name>
    <message>
        <source>&amp;Delete the project</source>
        <translation>Projekt &amp;löschen</translation>
    </message>
    <message>
        <source>Delete the project</source>
        <translation>Projekt löschen</translation>
    </message>
    <message>
        <source>Delete the project “{0}”?</source>
        <translation>Projekt „{0}“ löschen?</translation>
    </message>
    <message>
        <source>This is deleted for good:</source>
        <translation>Endgültig gelöscht wird:</translation>
    </message>
    <message>
        <source>To confirm, type the project's name:</source>
        <translation>Geben Sie zur Bestätigung den Namen des Projekts ein:</translation>
    </message>
    <message>
        <source>Type the project's name to confirm</source>
        <translation>Zur Bestätigung den Namen des Projekts eingeben</translation>
    </message>
    <message>
        <source>Your images are not deleted, and neither are back-ups.</source>
        <translation>Ihre Bilder werden nicht gelöscht, Sicherungen auch nicht.</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>&amp;Choose the server's file …</source>
        <translation>Datei des Servers &amp;wählen …</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Are the names of the subfolders labels?</source>
        <translation>Sind die Namen der Unterordner Labels?</translation>
    </message>
    <message>
        <source>CSV tables (*.csv *.tsv *.txt)</source>
        <translation>CSV-Tabellen (*.csv *.tsv *.txt)</translation>
    </message>
    <message>
        <source>CSV tables (*.csv)</source>
        <translation>CSV-Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>CSV tables (*.csv);;JSON lines (*.jsonl)</source>
        <translation>CSV-Tabellen (*.csv);;JSON-Zeilen (*.jsonl)</translation>
    </message>
    <message>
        <source>CSV tables (*.csv);;Text (*.txt)</source>
        <translation>CSV-Tabellen (*.csv);;Text (*.txt)</translation>
    </message>
    <message>
        <source>Certificate file of our network</source>
        <translation>Zertifikatsdatei unseres Netzes</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>Zertifikate (*.pem *.crt *.cer);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a weights file</source>
        <translation>Gewichtsdatei wählen</translation>
    </message>
    <message>
        <source>Choose or make an empty folder</source>
        <translation>Leeren Ordner wählen oder anlegen</translation>
    </message>
    <message>
        <source>DICOMDIR (DICOMDIR* dicomdir*);;All files (*)</source>
        <translation>DICOMDIR (DICOMDIR* dicomdir*);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Exclude</source>
        <translation>Ausschließen</translation>
    </message>
    <message>
        <source>Export audit trail</source>
        <translation>Aufzeichnung exportieren</translation>
    </message>
    <message>
        <source>Export for other programs</source>
        <translation>Für andere Programme exportieren</translation>
    </message>
    <message>
        <source>Export labels to CSV</source>
        <translation>Labels als CSV exportieren</translation>
    </message>
    <message>
        <source>Hand over to a server</source>
        <translation>An einen Server übergeben</translation>
    </message>
    <message>
        <source>If the server has taken it, hand it over there first (siteblind membership hand-over), and choose the file that it writes. If the server never took it, no file is needed.</source>
        <translation>Hat der Server sie übernommen, dann übergeben Sie sie zuerst dort (siteblind membership hand-over) und wählen die Datei, die er schreibt. Hat der Server sie nie übernommen, ist keine Datei nötig.</translation>
    </message>
    <message>
        <source>Import labels from CSV</source>
        <translation>Labels aus CSV importieren</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Note on these {0} images, without patients' names:</source>
        <translation>Notiz zu diesen {0} Bildern, ohne Namen von Patienten:</translation>
    </message>
    <message>
        <source>Note on this image, without the patient's name:</source>
        <translation>Notiz zu diesem Bild, ohne den Namen des Patienten:</translation>
    </message>
    <message>
        <source>Only open the images</source>
        <translation>Nur die Bilder öffnen</translation>
    </message>
    <message>
        <source>Open a DICOMDIR</source>
        <translation>DICOMDIR öffnen</translation>
    </message>
    <message>
        <source>Open a folder of images</source>
        <translation>Ordner mit Bildern öffnen</translation>
    </message>
    <message>
        <source>Open images</source>
        <translation>Bilder öffnen</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Save model card</source>
        <translation>Modellkarte speichern</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Save the list of skipped files</source>
        <translation>Liste der übersprungenen Dateien speichern</translation>
    </message>
    <message>
        <source>SiteBlind back-ups (*.siteblind-backup)</source>
        <translation>SiteBlind-Sicherungen (*.siteblind-backup)</translation>
    </message>
    <message>
        <source>Something unexpected happened; your labels are safe. See the log.</source>
        <translation>Etwas Unerwartetes ist geschehen; Ihre Labels sind sicher. Näheres steht im Protokoll.</translation>
    </message>
    <message>
        <source>Take back from a server</source>
        <translation>Von einem Server zurücknehmen</translation>
    </message>
    <message>
        <source>Take the study “{0}” back?</source>
        <translation>Die Studie „{0}“ zurücknehmen?</translation>
    </message>
    <message>
        <source>The defaults are used now; the file was put aside as {0}.</source>
        <translation>Jetzt gelten die Voreinstellungen; die Datei wurde als {0} beiseitegelegt.</translation>
    </message>
    <message>
        <source>The server &amp;never took it</source>
        <translation>Der Server hat sie &amp;nie übernommen</translation>
    </message>
    <message>
        <source>Use as labels</source>
        <translation>Als Labels verwenden</translation>
    </message>
    <message>
        <source>Web pages (*.html)</source>
        <translation>Webseiten (*.html)</translation>
    </message>
    <message>
        <source>Weights (*.pth *.pt *.safetensors)</source>
        <translation>Gewichte (*.pth *.pt *.safetensors)</translation>
    </message>
    <message>
        <source>Where may the files be now?</source>
        <translation>Wo könnten die Dateien jetzt sein?</translation>
    </message>
    <message>
        <source>Who is labelling?</source>
        <translation>Wer vergibt die Labels?</translation>
    </message>
    <message>
        <source>Why should these {0} images not be trained on?</source>
        <translation>Warum soll mit diesen {0} Bildern nicht trainiert werden?</translation>
    </message>
    <message>
        <source>Why should this image not be trained on? Choose, or write your own words:</source>
        <translation>Warum soll mit diesem Bild nicht trainiert werden? Wählen Sie aus oder schreiben Sie es in eigenen Worten:</translation>
    </message>
    <message>
        <source>Your name or initials, kept with each label on this computer:</source>
        <translation>Ihr Name oder Kürzel, das auf diesem Computer zu jedem Label gespeichert wird:</translation>
    </message>
    <message>
        <source>“{0}” contains the folders {1}.</source>
        <translation>„{0}“ enthält die Ordner {1}.</translation>
    </message>
</context>
<context>
    <name>DoctorController</name>
    <message>
        <source>That is all.</source>
        <translation>Das ist alles.</translation>
    </message>
    <message>
        <source>That is all; no step was timed, because something else computes.</source>
        <translation>Das ist alles; kein Schritt wurde gemessen, weil gerade etwas anderes rechnet.</translation>
    </message>
    <message>
        <source>Training runs on the processor. A suitable NVIDIA graphics card is typically ten times as fast or more; “Check this computer” says what there is.</source>
        <translation>Das Training läuft auf dem Prozessor. Eine geeignete NVIDIA-Grafikkarte ist meist zehnmal so schnell oder schneller; „Diesen Computer prüfen“ sagt, was es gibt.</translation>
    </message>
    <message>
        <source>Training runs on the processor. The graphics card of this computer was {0} times as fast when it was tried.</source>
        <translation>Das Training läuft auf dem Prozessor. Die Grafikkarte dieses Computers war beim Versuch {0}-mal so schnell.</translation>
    </message>
    <message>
        <source>a look at this computer</source>
        <translation>einer Prüfung dieses Computers</translation>
    </message>
</context>
<context>
    <name>DoctorSheet</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy all of it for your IT department</source>
        <translation>Alles für Ihre EDV kopieren</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation>Wird geprüft …</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>What training computes on, and why</source>
        <translation>Worauf das Training rechnet, und warum</translation>
    </message>
</context>
<context>
    <name>DrawDialog</name>
    <message>
        <source>Begin second reading</source>
        <translation>Zweitbeurteilung beginnen</translation>
    </message>
    <message>
        <source>Drawn</source>
        <translation>Gezogen</translation>
    </message>
    <message>
        <source>Images are drawn at random from those that others labelled. Their labels, notes and file names stay hidden from you until you end the second reading. Your reads are kept beside the labels and change none. The same seed draws the same images.</source>
        <translation>Bilder werden zufällig aus denen gezogen, die andere mit einem Label versahen. Deren Labels, Notizen und Dateinamen bleiben Ihnen verborgen, bis Sie die Zweitbeurteilung beenden. Ihre Beurteilungen werden neben den Labels gespeichert und ändern keines. Derselbe Startwert zieht dieselben Bilder.</translation>
    </message>
    <message>
        <source>Read images a second time, blindly</source>
        <translation>Bilder verblindet ein zweites Mal beurteilen</translation>
    </message>
    <message>
        <source>Second reading</source>
        <translation>Zweitbeurteilung</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Seed of the random draw</source>
        <translation>Startwert der zufälligen Ziehung</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>Share of the images to read again</source>
        <translation>Anteil der erneut zu beurteilenden Bilder</translation>
    </message>
    <message>
        <source>{0} of {1} images</source>
        <translation>{0} von {1} Bildern</translation>
    </message>
</context>
<context>
    <name>DuplicatesController</name>
    <message>
        <source>No image is here twice.</source>
        <translation>Kein Bild ist doppelt vorhanden.</translation>
    </message>
</context>
<context>
    <name>DuplicatesDialog</name>
    <message>
        <source>Copy list</source>
        <translation>Liste kopieren</translation>
    </message>
    <message>
        <source>Exclude the other file</source>
        <translation>Andere Datei ausschließen</translation>
    </message>
    <message>
        <source>Images that are here twice</source>
        <translation>Doppelt vorhandene Bilder</translation>
    </message>
    <message>
        <source>Look alike</source>
        <translation>Sehen gleich aus</translation>
    </message>
    <message>
        <source>One file</source>
        <translation>Eine Datei</translation>
    </message>
    <message>
        <source>Same pixels</source>
        <translation>Gleiche Pixel</translation>
    </message>
    <message>
        <source>Select in the grid</source>
        <translation>In der Übersicht auswählen</translation>
    </message>
    <message>
        <source>The first {0} are listed.</source>
        <translation>Die ersten {0} sind aufgelistet.</translation>
    </message>
    <message>
        <source>The other file</source>
        <translation>Die andere Datei</translation>
    </message>
    <message>
        <source>What they share</source>
        <translation>Was sie gemeinsam haben</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>pair</source>
        <translation>Paar</translation>
    </message>
    <message>
        <source>pairs</source>
        <translation>Paare</translation>
    </message>
    <message>
        <source>{0} in several files; a label given to one counts for all. {1} of images that look alike and have a label each: exclude the other file if it is the same lesion.</source>
        <translation>{0} in mehreren Dateien; die Klasse der einen gilt für alle. {1} aus gleich aussehenden Bildern mit je eigener Klasse: Schließen Sie die andere Datei aus, wenn es dieselbe Läsion ist.</translation>
    </message>
    <message>
        <source>{0}; the other is excluded</source>
        <translation>{0}; die andere ist ausgeschlossen</translation>
    </message>
</context>
<context>
    <name>ExplainController</name>
    <message>
        <source>Asking the model …</source>
        <translation>Das Modell wird gefragt …</translation>
    </message>
    <message>
        <source>Its answer is {0}.</source>
        <translation>Seine Antwort ist {0}.</translation>
    </message>
    <message>
        <source>No place stands out for {0}: no map is drawn.</source>
        <translation>Für {0} sticht keine Stelle heraus: Es wird keine Karte gezeichnet.</translation>
    </message>
    <message>
        <source>Starting the model …</source>
        <translation>Das Modell wird gestartet …</translation>
    </message>
    <message>
        <source>There is no model here yet. Train one, or take part in a study.</source>
        <translation>Hier gibt es noch kein Modell. Trainieren Sie eines oder nehmen Sie an einer Studie teil.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; the map comes when that is over.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; die Karte kommt, wenn das vorbei ist.</translation>
    </message>
    <message>
        <source>This image cannot be read: {0}</source>
        <translation>Dieses Bild kann nicht gelesen werden: {0}</translation>
    </message>
    <message>
        <source>Where the model looks for its answer {0}</source>
        <translation>Wohin das Modell für seine Antwort {0} schaut</translation>
    </message>
    <message>
        <source>Where the model looks for {0}.</source>
        <translation>Wohin das Modell für {0} schaut.</translation>
    </message>
    <message>
        <source>Where the model looks is shown after your own label.</source>
        <translation>Wohin das Modell schaut, wird nach Ihrem eigenen Label gezeigt.</translation>
    </message>
    <message>
        <source>“{0}” ({1})</source>
        <translation>„{0}“ ({1})</translation>
    </message>
</context>
<context>
    <name>ExportController</name>
    <message>
        <source>Collecting labels …</source>
        <translation>Labels werden zusammengestellt …</translation>
    </message>
    <message>
        <source>Export labels</source>
        <translation>Labels exportieren</translation>
    </message>
    <message>
        <source>Image {0} of {1}</source>
        <translation>Bild {0} von {1}</translation>
    </message>
    <message>
        <source>Labels are being exported; wait until that is done.</source>
        <translation>Es werden gerade Labels exportiert; bitte warten Sie, bis das beendet ist.</translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation>Der Export wurde abgebrochen; es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>There are no images yet; open a folder first.</source>
        <translation>Es gibt noch keine Bilder; öffnen Sie zuerst einen Ordner.</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>{0} holds {1}, {2} of them labelled.</source>
        <translation>{0} enthält {1}, davon {2} mit Label.</translation>
    </message>
</context>
<context>
    <name>ExportCopiesDialog</name>
    <message>
        <source>Choose folder …</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>DICOM files</source>
        <translation>DICOM-Dateien</translation>
    </message>
    <message>
        <source>Export a de-identified copy</source>
        <translation>De-identifizierte Kopie exportieren</translation>
    </message>
    <message>
        <source>Keep the scanner's maker and model (never its number)</source>
        <translation>Hersteller und Modell des Scanners behalten (nie seine Nummer)</translation>
    </message>
    <message>
        <source>Move all dates of a patient by the same number of days; intervals stay true</source>
        <translation>Alle Daten eines Patienten um gleich viele Tage verschieben; Abstände bleiben richtig</translation>
    </message>
    <message>
        <source>Remove all dates and times</source>
        <translation>Alle Daten und Uhrzeiten entfernen</translation>
    </message>
    <message>
        <source>The originals stay as they are. Copies get new names; patients and scanners become pseudonyms, the same in every export from this computer, and no table leads back. Excluded images are left out. Images that may have a name written into them are shown to you first. Faces, tattoos and rare findings can still tell who somebody is: pass copies on only as your ethics approval allows.</source>
        <translation>Die Originale bleiben, wie sie sind. Kopien erhalten neue Namen; aus Patienten und Scannern werden Pseudonyme, dieselben bei jedem Export von diesem Computer, und keine Tabelle führt zurück. Ausgeschlossene Bilder werden ausgelassen. Bilder, in die ein Name hineingeschrieben sein könnte, werden Ihnen zuerst gezeigt. Gesichter, Tätowierungen und seltene Befunde können trotzdem verraten, wer jemand ist: Geben Sie Kopien nur weiter, soweit Ihr Ethikvotum es erlaubt.</translation>
    </message>
</context>
<context>
    <name>ExportLabelsDialog</name>
    <message>
        <source>Between cells</source>
        <translation>Zwischen Zellen</translation>
    </message>
    <message>
        <source>Choose file …</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>Export labels</source>
        <translation>Labels exportieren</translation>
    </message>
    <message>
        <source>Name files by their full path, not from the table's folder on</source>
        <translation>Dateien mit vollem Pfad angeben, nicht vom Ordner der Tabelle aus</translation>
    </message>
    <message>
        <source>The table tells of each image: its file, label, scanner, the patient's pseudonym, who labelled it and when, exclusion and note. It can be imported again, also after files were moved or renamed. It has no patient's name or number; but file names and notes are written as they are. If yours name patients, keep the table here.</source>
        <translation>Die Tabelle nennt zu jedem Bild: Datei, Label, Scanner, das Pseudonym des Patienten, wer das Label vergab und wann, Ausschluss und Notiz. Sie kann wieder importiert werden, auch nachdem Dateien verschoben oder umbenannt wurden. Sie enthält weder Namen noch Nummer eines Patienten; Dateinamen und Notizen aber stehen darin, wie sie sind. Wenn Ihre Patienten nennen, behalten Sie die Tabelle hier.</translation>
    </message>
    <message>
        <source>To be opened in Excel (begins with its mark of UTF-8)</source>
        <translation>Zum Öffnen in Excel (beginnt mit dessen Kennung für UTF-8)</translation>
    </message>
    <message>
        <source>comma</source>
        <translation>Komma</translation>
    </message>
    <message>
        <source>semicolon, as German or French Excel wants it</source>
        <translation>Semikolon, wie deutsches oder französisches Excel es erwartet</translation>
    </message>
</context>
<context>
    <name>ExportWindow</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>Export abbrechen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Copy list</source>
        <translation>Liste kopieren</translation>
    </message>
    <message>
        <source>Files that were left out, and why</source>
        <translation>Dateien, die ausgelassen wurden, und warum</translation>
    </message>
    <message>
        <source>Left out ({0})</source>
        <translation>Ausgelassen ({0})</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation>{0} öffnen</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>Fortschritt des Exports</translation>
    </message>
</context>
<context>
    <name>ExtractorChoice</name>
    <message>
        <source>Small network, for a computer without a graphics card</source>
        <translation>Kleines Netz, für einen Rechner ohne Grafikkarte</translation>
    </message>
    <message>
        <source>The quickest to train.</source>
        <translation>Am schnellsten zu trainieren.</translation>
    </message>
    <message>
        <source>The study leaves you the choice. What tells lesions and scanners apart is averaged over all sites, the rest of a network over the sites that have the same one. To change it later, a site has to leave and join again.</source>
        <translation>Die Studie lässt Ihnen die Wahl. Was Läsionen und Scanner unterscheidet, wird über alle Standorte gemittelt, der Rest eines Netzes über die Standorte mit demselben. Wer später wechseln will, muss austreten und neu beitreten.</translation>
    </message>
    <message>
        <source>Which network this site trains</source>
        <translation>Welches Netz dieser Standort trainiert</translation>
    </message>
    <message>
        <source>Without a graphics card {0} times as slow as the small one.</source>
        <translation>Ohne Grafikkarte {0}-mal so langsam wie das kleine.</translation>
    </message>
    <message>
        <source>{0} (suits this computer)</source>
        <translation>{0} (passt zu diesem Rechner)</translation>
    </message>
    <message>
        <source>{0} About {1} MB are sent each time.</source>
        <translation>{0} Jedes Mal werden etwa {1} MB gesendet.</translation>
    </message>
    <message>
        <source>{0}, for a computer with a graphics card</source>
        <translation>{0}, für einen Rechner mit Grafikkarte</translation>
    </message>
    <message>
        <source>{0}, with or without a graphics card</source>
        <translation>{0}, mit oder ohne Grafikkarte</translation>
    </message>
</context>
<context>
    <name>FilingController</name>
    <message>
        <source>The list was saved as {0}.</source>
        <translation>Die Liste wurde als {0} gespeichert.</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Reader: {0}</source>
        <translation>Beurteilt: {0}</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnostic use.</source>
        <translation>Nur für Forschungszwecke. Nicht für die Diagnostik.</translation>
    </message>
    <message>
        <source>Sign in as somebody else</source>
        <translation>Als jemand anderes anmelden</translation>
    </message>
    <message>
        <source>Sign in …</source>
        <translation>Anmelden …</translation>
    </message>
    <message>
        <source>{0}. Sign in as somebody else</source>
        <translation>{0}. Als jemand anderes anmelden</translation>
    </message>
</context>
<context>
    <name>HandingOverController</name>
    <message>
        <source>A file is written that the server takes: labels, and this site's place in the study, but no images. Whoever has the file can take that place: give it to nobody else. It is void as soon as the server has taken it.

From then on the server takes part, and this desk rests until you take the study back. The server also needs the images: on a share under the same path, or as a copy.</source>
        <translation>Es wird eine Datei geschrieben, die der Server übernimmt: Labels und der Platz dieses Standorts in der Studie, aber keine Bilder. Wer die Datei hat, kann diesen Platz einnehmen: Geben Sie sie niemand anderem. Sie ist wertlos, sobald der Server sie übernommen hat.

Von da an nimmt der Server teil, und dieser Arbeitsplatz ruht, bis Sie die Studie zurücknehmen. Der Server braucht auch die Bilder: auf einer Freigabe unter demselben Pfad oder als Kopie.</translation>
    </message>
    <message>
        <source>Hand over …</source>
        <translation>Übergeben …</translation>
    </message>
    <message>
        <source>Hand the study “{0}” over to a server?</source>
        <translation>Die Studie „{0}“ an einen Server übergeben?</translation>
    </message>
    <message>
        <source>On the server: siteblind membership take {0}</source>
        <translation>Auf dem Server: siteblind membership take {0}</translation>
    </message>
    <message>
        <source>The coordinator does not answer now; it is told before a round.</source>
        <translation>Der Koordinator antwortet gerade nicht; er erfährt es vor einer Runde.</translation>
    </message>
</context>
<context>
    <name>HeatBar</name>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Go to training</source>
        <translation>Zum Training</translation>
    </message>
    <message>
        <source>How strongly the map covers the image</source>
        <translation>Wie stark die Karte das Bild bedeckt</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>This shows where the answer is sensitive, not why, and not whether it is right. Line: at least half of the strongest. Research use only.</source>
        <translation>Das zeigt, wo die Antwort empfindlich ist, nicht warum, und nicht, ob sie stimmt. Linie: mindestens halb so stark wie die stärkste Stelle. Nur für Forschungszwecke.</translation>
    </message>
    <message>
        <source>its answer</source>
        <translation>seine Antwort</translation>
    </message>
    <message>
        <source>strong</source>
        <translation>stark</translation>
    </message>
    <message>
        <source>weak</source>
        <translation>schwach</translation>
    </message>
</context>
<context>
    <name>HeatLoader</name>
    <message>
        <source>where the model looks</source>
        <translation>der Karte, wohin das Modell schaut</translation>
    </message>
</context>
<context>
    <name>HeatScale</name>
    <message>
        <source>Colours from weak to strong</source>
        <translation>Farben von schwach bis stark</translation>
    </message>
</context>
<context>
    <name>HelpWindow</name>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>No page says this.</source>
        <translation>Keine Seite enthält das.</translation>
    </message>
    <message>
        <source>Pages of the help</source>
        <translation>Seiten der Hilfe</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search the help</source>
        <translation>In der Hilfe suchen</translation>
    </message>
</context>
<context>
    <name>ImagesPage</name>
    <message>
        <source>Drop folders or files here, or choose a folder: DICOM, JPEG, PNG and TIFF.
Your images stay where they are, on this computer; SiteBlind remembers only
where each one is and how you labelled it.</source>
        <translation>Ziehen Sie Ordner oder Dateien hierher oder wählen Sie einen Ordner: DICOM, JPEG, PNG und TIFF.
Ihre Bilder bleiben, wo sie sind, auf diesem Computer; SiteBlind merkt sich nur,
wo jedes liegt und welches Label Sie ihm gaben.</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Import CSV …</source>
        <translation>CSV importieren …</translation>
    </message>
    <message>
        <source>Import labels from CSV</source>
        <translation>Labels aus CSV importieren</translation>
    </message>
    <message>
        <source>Import labels from a CSV table …</source>
        <translation>Labels aus einer CSV-Tabelle importieren …</translation>
    </message>
    <message>
        <source>No image fits what is searched and filtered for.</source>
        <translation>Kein Bild passt zu Suche und Filter.</translation>
    </message>
    <message>
        <source>Open a folder of images</source>
        <translation>Ordner mit Bildern öffnen</translation>
    </message>
    <message>
        <source>Open folder …</source>
        <translation>Ordner öffnen …</translation>
    </message>
    <message>
        <source>Share of the images that are labelled</source>
        <translation>Anteil der Bilder mit Label</translation>
    </message>
    <message>
        <source>Show all images</source>
        <translation>Alle Bilder zeigen</translation>
    </message>
    <message>
        <source>{0} of {1} labelled</source>
        <translation>{0} von {1} mit Label</translation>
    </message>
</context>
<context>
    <name>ImportBar</name>
    <message>
        <source>Cancel the import</source>
        <translation>Import abbrechen</translation>
    </message>
    <message>
        <source>Import progress</source>
        <translation>Fortschritt des Imports</translation>
    </message>
    <message>
        <source>Importing image {0} of {1}</source>
        <translation>Bild {0} von {1} wird importiert</translation>
    </message>
    <message>
        <source>Looking for images …</source>
        <translation>Bilder werden gesucht …</translation>
    </message>
</context>
<context>
    <name>ImportController</name>
    <message>
        <source>An import is still running; cancel it or wait until it is done.</source>
        <translation>Ein Import läuft noch; brechen Sie ihn ab oder warten Sie, bis er beendet ist.</translation>
    </message>
    <message>
        <source>Imported {0}.</source>
        <translation>Importiert: {0}.</translation>
    </message>
    <message>
        <source>The import was cancelled; the images imported so far are kept.</source>
        <translation>Der Import wurde abgebrochen; die bisher importierten Bilder bleiben erhalten.</translation>
    </message>
    <message>
        <source>There are no images in this folder.</source>
        <translation>In diesem Ordner sind keine Bilder.</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>image already known</source>
        <translation>Bild schon bekannt</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>images already known</source>
        <translation>Bilder schon bekannt</translation>
    </message>
    <message>
        <source>label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>new one looks</source>
        <translation>neues sieht</translation>
    </message>
    <message>
        <source>new ones look</source>
        <translation>neue sehen</translation>
    </message>
    <message>
        <source>{0} like others; see “Find duplicates” in the menu “File”.</source>
        <translation>{0} wie ein anderes aus; siehe „Doppelte suchen“ im Menü „Datei“.</translation>
    </message>
    <message>
        <source>{0} skipped</source>
        <translation>{0} übersprungen</translation>
    </message>
</context>
<context>
    <name>InvitationPage</name>
    <message>
        <source>Certificate file of our network …</source>
        <translation>Zertifikatsdatei unseres Netzes …</translation>
    </message>
    <message>
        <source>Coordinator address</source>
        <translation>Adresse des Koordinators</translation>
    </message>
    <message>
        <source>I have an address and a code</source>
        <translation>Ich habe eine Adresse und einen Code</translation>
    </message>
    <message>
        <source>Invitation</source>
        <translation>Einladung</translation>
    </message>
    <message>
        <source>One-time code</source>
        <translation>Einmalcode</translation>
    </message>
    <message>
        <source>Our IT department says that our network reads encrypted traffic: go on</source>
        <translation>Unsere EDV sagt, dass unser Netz verschlüsselten Verkehr mitliest: fortfahren</translation>
    </message>
    <message>
        <source>Paste the invitation that the study's owner sent you. The whole message will do; line breaks and spaces do no harm. Nothing is decided by looking at it.</source>
        <translation>Fügen Sie die Einladung ein, die Ihnen die Studienleitung geschickt hat. Die ganze Nachricht genügt; Zeilenumbrüche und Leerzeichen schaden nicht. Ansehen entscheidet noch nichts.</translation>
    </message>
</context>
<context>
    <name>JoinWizard</name>
    <message>
        <source>Asking the coordinator …</source>
        <translation>Koordinator wird gefragt …</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Can this site take part?</source>
        <translation>Kann dieser Standort teilnehmen?</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Consent</source>
        <translation>Zustimmung</translation>
    </message>
    <message>
        <source>Join a study</source>
        <translation>Einer Studie beitreten</translation>
    </message>
    <message>
        <source>Join the study</source>
        <translation>Der Studie beitreten</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>The invitation</source>
        <translation>Die Einladung</translation>
    </message>
    <message>
        <source>The study</source>
        <translation>Die Studie</translation>
    </message>
    <message>
        <source>What of yours takes part</source>
        <translation>Was von Ihnen teilnimmt</translation>
    </message>
</context>
<context>
    <name>JoiningController</name>
    <message>
        <source>As long as it takes part, this site trains {0}. While no other site has that network, the study's copy of it is this site's alone.</source>
        <translation>Solange er teilnimmt, trainiert dieser Standort: {0}. Solange kein anderer Standort dieses Netz hat, ist dessen Fassung in der Studie allein die dieses Standorts.</translation>
    </message>
    <message>
        <source>Enter both the address and the code.</source>
        <translation>Geben Sie Adresse und Code ein.</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>“{0}”, run by {1}. {2} of this site take part. {3} Images, labels and everything about patients stay here.</source>
        <translation>„{0}“, geleitet von {1}. Von diesem Standort nehmen teil: {2}. {3} Bilder, Labels und alles über Patienten bleiben hier.</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Key for: {0}</source>
        <translation>Taste für: {0}</translation>
    </message>
</context>
<context>
    <name>KeysDialog</name>
    <message>
        <source>Back to the defaults</source>
        <translation>Zurück zur Voreinstellung</translation>
    </message>
    <message>
        <source>Choose keys</source>
        <translation>Tasten wählen</translation>
    </message>
    <message>
        <source>Click a field and press the key you want.</source>
        <translation>Klicken Sie in ein Feld und drücken Sie die gewünschte Taste.</translation>
    </message>
    <message>
        <source>{0} is the key for “{1}”. Give that another key first.</source>
        <translation>{0} ist schon die Taste für „{1}“. Geben Sie dieser Funktion zuerst eine andere Taste.</translation>
    </message>
</context>
<context>
    <name>LabellingController</name>
    <message>
        <source>Choose the images to label first.</source>
        <translation>Wählen Sie zuerst die Bilder aus.</translation>
    </message>
    <message>
        <source>No class has the key {0}; add one first.</source>
        <translation>Keine Klasse hat die Taste {0}; fügen Sie zuerst eine hinzu.</translation>
    </message>
</context>
<context>
    <name>LeavingController</name>
    <message>
        <source>Leave the study</source>
        <translation>Studie verlassen</translation>
    </message>
    <message>
        <source>Leave the study “{0}” for good?</source>
        <translation>Die Studie „{0}“ endgültig verlassen?</translation>
    </message>
    <message>
        <source>Remove it from this desk</source>
        <translation>Von diesem Arbeitsplatz entfernen</translation>
    </message>
    <message>
        <source>Remove the study “{0}” from this desk?</source>
        <translation>Die Studie „{0}“ von diesem Arbeitsplatz entfernen?</translation>
    </message>
    <message>
        <source>The coordinator removes what it keeps of this site. What was averaged before stays in the shared model. The newest model and the records of what was sent stay here. To take part again takes a new invitation.</source>
        <translation>Der Koordinator entfernt, was er von diesem Standort aufbewahrt. Was vorher gemittelt wurde, bleibt im gemeinsamen Modell. Das neueste Modell und die Aufzeichnungen über das Gesendete bleiben hier. Um wieder teilzunehmen, braucht es eine neue Einladung.</translation>
    </message>
    <message>
        <source>The server goes on with its part; to leave the study, leave it there. Meant for a study that has ended, or that was left on the server. The newest model and the records of what was sent stay here.</source>
        <translation>Der Server macht mit seinem Teil weiter; wer die Studie verlassen will, verlässt sie dort. Gedacht für eine Studie, die zu Ende ist oder auf dem Server verlassen wurde. Das neueste Modell und die Aufzeichnungen über das Gesendete bleiben hier.</translation>
    </message>
</context>
<context>
    <name>LogWindow</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Copy the messages shown</source>
        <translation>Gezeigte Meldungen kopieren</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Messages of the log</source>
        <translation>Meldungen des Protokolls</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search the log</source>
        <translation>Im Protokoll suchen</translation>
    </message>
    <message>
        <source>Which messages</source>
        <translation>Welche Meldungen</translation>
    </message>
    <message>
        <source>all messages</source>
        <translation>alle Meldungen</translation>
    </message>
    <message>
        <source>errors only</source>
        <translation>nur Fehler</translation>
    </message>
    <message>
        <source>warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Every image shown here is labelled.</source>
        <translation>Jedes hier gezeigte Bild hat ein Label.</translation>
    </message>
    <message>
        <source>If you quit, it stops; it can go on from its last save another time.</source>
        <translation>Wenn Sie beenden, hält es an; es kann ein andermal vom letzten Speichern an weitergehen.</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Stop and quit</source>
        <translation>Anhalten und beenden</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Studie</translation>
    </message>
    <message>
        <source>This site is now in the study “{0}”.</source>
        <translation>Dieser Standort nimmt jetzt an der Studie „{0}“ teil.</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Training is still going on.</source>
        <translation>Ein Training läuft noch.</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;As the desktop</source>
        <translation>Wie &amp;am Desktop</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>Sp&amp;rache</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
</context>
<context>
    <name>MetadataPanel</name>
    <message>
        <source>Hide what is about the patient</source>
        <translation>Angaben zum Patienten verbergen</translation>
    </message>
    <message>
        <source>Show what is about the patient ({0})</source>
        <translation>Angaben zum Patienten zeigen ({0})</translation>
    </message>
    <message>
        <source>The file says nothing about itself.</source>
        <translation>Die Datei sagt nichts über sich.</translation>
    </message>
    <message>
        <source>What the file says</source>
        <translation>Was die Datei sagt</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>verborgen</translation>
    </message>
</context>
<context>
    <name>ModelReportController</name>
    <message>
        <source>Export for other programs</source>
        <translation>Für andere Programme exportieren</translation>
    </message>
    <message>
        <source>It holds {0} pictures: it is patient data.</source>
        <translation>Er enthält {0} Bilder: Er gehört zu den Patientendaten.</translation>
    </message>
    <message>
        <source>Its model card lies beside it: {0}</source>
        <translation>Seine Modellkarte liegt daneben: {0}</translation>
    </message>
    <message>
        <source>Save model card</source>
        <translation>Modellkarte speichern</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>That was cancelled; nothing was written.</source>
        <translation>Abgebrochen; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; stop that first.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; halten Sie das zuerst an.</translation>
    </message>
    <message>
        <source>Writing …</source>
        <translation>Schreibt …</translation>
    </message>
    <message>
        <source>a report</source>
        <translation>einem Bericht</translation>
    </message>
    <message>
        <source>an export</source>
        <translation>einem Export</translation>
    </message>
    <message>
        <source>{0} is written.</source>
        <translation>{0} ist geschrieben.</translation>
    </message>
    <message>
        <source>{0} is written. Programs that read ONNX can use it; its metadata says how images must be prepared. Research use only.</source>
        <translation>{0} ist geschrieben. Programme, die ONNX lesen, können es verwenden; seine Metadaten sagen, wie Bilder vorbereitet werden müssen. Nur für Forschungszwecke.</translation>
    </message>
</context>
<context>
    <name>ModelReportDialog</name>
    <message>
        <source>Choose file …</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>Include pictures of the surest mistakes, with where the model looked</source>
        <translation>Bilder der sichersten Fehler aufnehmen, mit den Stellen, auf die das Modell sah</translation>
    </message>
    <message>
        <source>PDF, to print and to pass on</source>
        <translation>PDF, zum Drucken und Weitergeben</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Web page, for a screen reader or a browser</source>
        <translation>Webseite, für Vorleseprogramm oder Browser</translation>
    </message>
    <message>
        <source>With pictures, the report is patient data: keep it where the images are. Without, it tells of numbers, classes and scanners only; no file, patient or reader is named. The report is in English.</source>
        <translation>Mit Bildern gehört der Bericht zu den Patientendaten: Bewahren Sie ihn auf, wo die Bilder sind. Ohne sie nennt er nur Zahlen, Klassen und Scanner; keine Datei, keinen Patienten und niemanden, der beurteilt hat. Der Bericht ist auf Englisch.</translation>
    </message>
</context>
<context>
    <name>Navigation</name>
    <message>
        <source>Page {0}</source>
        <translation>Seite {0}</translation>
    </message>
</context>
<context>
    <name>NetworkChoice</name>
    <message>
        <source>A state dict of torchvision, .pth or .safetensors</source>
        <translation>Ein „state dict“ von torchvision, .pth oder .safetensors</translation>
    </message>
    <message>
        <source>Begin from random numbers</source>
        <translation>Mit Zufallszahlen beginnen</translation>
    </message>
    <message>
        <source>Begins from weights learned on everyday photographs, which come with SiteBlind. A step takes {0} times as long as with the small network. Images are not varied.</source>
        <translation>Beginnt mit Gewichten, die an Alltagsfotos gelernt wurden und SiteBlind beiliegen. Ein Schritt dauert {0}-mal so lange wie beim kleinen Netz. Die Bilder werden nicht variiert.</translation>
    </message>
    <message>
        <source>Choose a weights file</source>
        <translation>Gewichtsdatei wählen</translation>
    </message>
    <message>
        <source>Enough for a few hundred images, also without a graphics card.</source>
        <translation>Genügt für einige hundert Bilder, auch ohne Grafikkarte.</translation>
    </message>
    <message>
        <source>From random numbers</source>
        <translation>Aus Zufallszahlen</translation>
    </message>
    <message>
        <source>May learn more from many images. A step takes about {0} times as long as with the small network. It begins from random numbers, or better from a weights file.</source>
        <translation>Lernt aus vielen Bildern vielleicht mehr. Ein Schritt dauert etwa {0}-mal so lange wie beim kleinen Netz. Es beginnt mit Zufallszahlen, oder besser mit einer Gewichtsdatei.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Small and quick</source>
        <translation>Klein und schnell</translation>
    </message>
    <message>
        <source>Weights file …</source>
        <translation>Gewichtsdatei …</translation>
    </message>
</context>
<context>
    <name>NewProjectDialog</name>
    <message>
        <source>&amp;Change …</source>
        <translation>Än&amp;dern …</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>A name has none of these signs: {0}</source>
        <translation>Ein Name enthält keines dieser Zeichen: {0}</translation>
    </message>
    <message>
        <source>A project keeps your labels and models together on this computer. Your images stay where they are.</source>
        <translation>Ein Projekt hält Ihre Labels und Modelle auf diesem Computer zusammen. Ihre Bilder bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>C&amp;reate</source>
        <translation>&amp;Anlegen</translation>
    </message>
    <message>
        <source>Change the folder</source>
        <translation>Ordner ändern</translation>
    </message>
    <message>
        <source>In the folder</source>
        <translation>Im Ordner</translation>
    </message>
    <message>
        <source>Name of the project</source>
        <translation>Name des Projekts</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>Neues Projekt</translation>
    </message>
    <message>
        <source>Restore a back-up</source>
        <translation>Sicherung wiederherstellen</translation>
    </message>
    <message>
        <source>Where the project's folder lies</source>
        <translation>Wo der Ordner des Projekts liegt</translation>
    </message>
    <message>
        <source>for example: Ward 4, melanoma</source>
        <translation>zum Beispiel: Station 4, Melanom</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Dismiss this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Note: </source>
        <translation>Hinweis: </translation>
    </message>
</context>
<context>
    <name>PreflightPanel</name>
    <message>
        <source>Certificate file of our network …</source>
        <translation>Zertifikatsdatei unseres Netzes …</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy all of it for your IT department</source>
        <translation>Alles für Ihre EDV kopieren</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation>Es wird geprüft …</translation>
    </message>
    <message>
        <source>Remove certificate</source>
        <translation>Zertifikat entfernen</translation>
    </message>
    <message>
        <source>The certificate authority of a network that looks into encrypted traffic</source>
        <translation>Die Zertifizierungsstelle eines Netzes, das in verschlüsselten Verkehr hineinsieht</translation>
    </message>
    <message>
        <source>Trust only what this computer trusts again</source>
        <translation>Wieder nur dem vertrauen, dem dieser Computer vertraut</translation>
    </message>
    <message>
        <source>Trust our network's certificate no longer</source>
        <translation>Dem Zertifikat unseres Netzes nicht mehr vertrauen</translation>
    </message>
    <message>
        <source>What was looked at before taking part</source>
        <translation>Was vor der Teilnahme geprüft wurde</translation>
    </message>
    <message>
        <source>problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>problems</source>
        <translation>Probleme</translation>
    </message>
    <message>
        <source>✓ Nothing hinders this site from taking part.</source>
        <translation>✓ Nichts hindert diesen Standort an der Teilnahme.</translation>
    </message>
    <message>
        <source>✕ {0} to be mended before the first round.</source>
        <translation>✕ {0} vor der ersten Runde zu beheben.</translation>
    </message>
</context>
<context>
    <name>PreflightSheet</name>
    <message>
        <source>Can this site take part?</source>
        <translation>Kann dieser Standort teilnehmen?</translation>
    </message>
    <message>
        <source>Check the way to the study</source>
        <translation>Den Weg zur Studie prüfen</translation>
    </message>
</context>
<context>
    <name>PreviewPane</name>
    <message>
        <source>Choose an image to see it here.</source>
        <translation>Wählen Sie ein Bild aus, um es hier zu sehen.</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>Preview of the current image</source>
        <translation>Vorschau des aktuellen Bildes</translation>
    </message>
    <message>
        <source>Scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
</context>
<context>
    <name>ProjectList</name>
    <message>
        <source> (not there now)</source>
        <translation> (zurzeit nicht da)</translation>
    </message>
    <message>
        <source>Delete takes a project off this list; the project stays.</source>
        <translation>Entf nimmt ein Projekt von dieser Liste; das Projekt selbst bleibt.</translation>
    </message>
    <message>
        <source>Projects that were open last</source>
        <translation>Zuletzt geöffnete Projekte</translation>
    </message>
    <message>
        <source>{0}{1}
{2} · opened {3}</source>
        <translation>{0}{1}
{2} · geöffnet am {3}</translation>
    </message>
</context>
<context>
    <name>ProjectQuestions</name>
    <message>
        <source>&amp;Choose another project</source>
        <translation>Anderes &amp;Projekt wählen</translation>
    </message>
    <message>
        <source>&amp;Try again</source>
        <translation>&amp;Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Back up the project: labels, models and studies, but no images</source>
        <translation>Projekt sichern: Labels, Modelle und Studien, aber keine Bilder</translation>
    </message>
    <message>
        <source>Back-ups of projects (*{0})</source>
        <translation>Sicherungen von Projekten (*{0})</translation>
    </message>
    <message>
        <source>Open a project's folder</source>
        <translation>Ordner eines Projekts öffnen</translation>
    </message>
    <message>
        <source>Restore a back-up</source>
        <translation>Sicherung wiederherstellen</translation>
    </message>
</context>
<context>
    <name>ProjectsController</name>
    <message>
        <source>Back-up of “{0}” of {1}: {2} images, {3} of them labelled.</source>
        <translation>Sicherung von „{0}“ vom {1}: {2} Bilder, davon {3} mit Label.</translation>
    </message>
    <message>
        <source>If you replace it, what is there now is kept in a folder “before-restore …” of it.</source>
        <translation>Wenn Sie es ersetzen, bleibt der jetzige Stand darin in einem Ordner „before-restore …“ erhalten.</translation>
    </message>
    <message>
        <source>Replace the project</source>
        <translation>Projekt ersetzen</translation>
    </message>
    <message>
        <source>The back-up is being checked and restored</source>
        <translation>Die Sicherung wird geprüft und wiederhergestellt</translation>
    </message>
    <message>
        <source>The back-up {0} is written: {1} MB, labels of {2} images.</source>
        <translation>Die Sicherung {0} ist geschrieben: {1} MB, Labels von {2} Bildern.</translation>
    </message>
    <message>
        <source>The project is being backed up</source>
        <translation>Das Projekt wird gesichert</translation>
    </message>
    <message>
        <source>The sample project is being drawn</source>
        <translation>Das Beispielprojekt wird gezeichnet</translation>
    </message>
    <message>
        <source>There is a project in {0} already.</source>
        <translation>In {0} gibt es schon ein Projekt.</translation>
    </message>
    <message>
        <source>There is no project in {0}. A project's folder holds a file labels.sqlite; to begin a new one, choose Project, New.</source>
        <translation>In {0} gibt es kein Projekt. Der Ordner eines Projekts enthält eine Datei labels.sqlite; ein neues beginnen Sie mit Projekt, Neu.</translation>
    </message>
    <message>
        <source>all labels, classes, scanners and who gave them</source>
        <translation>alle Labels, Klassen und Scanner, und wer sie vergab</translation>
    </message>
    <message>
        <source>file</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>the drawn sample images</source>
        <translation>die gezeichneten Beispielbilder</translation>
    </message>
    <message>
        <source>the models trained here</source>
        <translation>die hier trainierten Modelle</translation>
    </message>
    <message>
        <source>the places in studies, with their keys</source>
        <translation>die Teilnahmen an Studien mit ihren Schlüsseln</translation>
    </message>
    <message>
        <source>the thumbnails</source>
        <translation>die Vorschaubilder</translation>
    </message>
    <message>
        <source>what earlier restores had replaced</source>
        <translation>was frühere Wiederherstellungen ersetzt hatten</translation>
    </message>
</context>
<context>
    <name>QDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ReadingBar</name>
    <message>
        <source>A class key, or a click on an opinion, decides; that becomes the label.</source>
        <translation>Die Taste einer Klasse oder ein Klick auf eine Meinung entscheidet; das wird das Label.</translation>
    </message>
    <message>
        <source>All is read; end it to compare.</source>
        <translation>Alles ist beurteilt; beenden Sie sie, um zu vergleichen.</translation>
    </message>
    <message>
        <source>Back to all images</source>
        <translation>Zurück zu allen Bildern</translation>
    </message>
    <message>
        <source>Decide for {0}, as {1} said</source>
        <translation>Für {0} entscheiden, wie {1} sagte</translation>
    </message>
    <message>
        <source>End second reading</source>
        <translation>Zweitbeurteilung beenden</translation>
    </message>
    <message>
        <source>Second reading</source>
        <translation>Zweitbeurteilung</translation>
    </message>
    <message>
        <source>Settling disagreements</source>
        <translation>Abweichungen klären</translation>
    </message>
    <message>
        <source>What others said of these images is hidden until you end it.</source>
        <translation>Was andere zu diesen Bildern sagten, bleibt verborgen, bis Sie sie beenden.</translation>
    </message>
    <message>
        <source>{0} of {1} read.</source>
        <translation>{0} von {1} beurteilt.</translation>
    </message>
    <message>
        <source>{0} of {1} settled.</source>
        <translation>{0} von {1} geklärt.</translation>
    </message>
</context>
<context>
    <name>RelinkingController</name>
    <message>
        <source>All files are where they were.</source>
        <translation>Alle Dateien sind, wo sie waren.</translation>
    </message>
    <message>
        <source>Found {0} again; none is missing any more.</source>
        <translation>{0} wiedergefunden; es fehlt keines mehr.</translation>
    </message>
    <message>
        <source>Found {0} again; {1} still missing.</source>
        <translation>{0} wiedergefunden; {1} noch nicht auffindbar.</translation>
    </message>
    <message>
        <source>image file is</source>
        <translation>Bilddatei ist</translation>
    </message>
    <message>
        <source>image files are</source>
        <translation>Bilddateien sind</translation>
    </message>
    <message>
        <source>{0} missing. Labels are kept. To look for moved files, choose “Find moved files” in the menu “File”.</source>
        <translation>{0} nicht auffindbar. Die Labels bleiben erhalten. Um verschobene Dateien zu suchen, wählen Sie im Menü „Datei“ den Punkt „Verschobene Dateien finden“.</translation>
    </message>
    <message>
        <source>The search was cancelled; what was found is kept.</source>
        <translation>Die Suche wurde abgebrochen; was gefunden wurde, bleibt erhalten.</translation>
    </message>
    <message>
        <source>are</source>
        <translation>sind</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>is</source>
        <translation>ist</translation>
    </message>
</context>
<context>
    <name>RemarksController</name>
    <message>
        <source>Choose the images first.</source>
        <translation>Wählen Sie zuerst die Bilder aus.</translation>
    </message>
    <message>
        <source>Exclusions and notes wait until the second reading or settling has ended.</source>
        <translation>Ausschlüsse und Notizen warten, bis die Zweitbeurteilung oder Klärung beendet ist.</translation>
    </message>
</context>
<context>
    <name>ReportDialog</name>
    <message>
        <source>&amp;Save the report …</source>
        <translation>Bericht &amp;speichern …</translation>
    </message>
    <message>
        <source>Everything that is in the report</source>
        <translation>Alles, was im Bericht steht</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Problem melden</translation>
    </message>
    <message>
        <source>The report is a file that you can give to whoever helps you; the program sends it to nobody. Names, paths, addresses, numbers and quotations were taken out. Look through it before you pass it on.</source>
        <translation>Der Bericht ist eine Datei, die Sie der Person geben können, die Ihnen hilft; das Programm sendet sie an niemanden. Namen, Pfade, Adressen, Nummern und Zitate wurden herausgenommen. Sehen Sie ihn durch, bevor Sie ihn weitergeben.</translation>
    </message>
    <message>
        <source>This is in the report:</source>
        <translation>Das steht im Bericht:</translation>
    </message>
    <message>
        <source>What did you do, and what happened? Please name no patient.</source>
        <translation>Was haben Sie getan, und was geschah? Bitte nennen Sie keine Patienten.</translation>
    </message>
    <message>
        <source>What happened, without patients' names</source>
        <translation>Was geschah, ohne Namen von Patienten</translation>
    </message>
</context>
<context>
    <name>ResultsController</name>
    <message>
        <source>There is no report that can be read.</source>
        <translation>Es gibt keinen Bericht, der sich lesen lässt.</translation>
    </message>
</context>
<context>
    <name>ResultsDialog</name>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>All scanners</source>
        <translation>Alle Scanner</translation>
    </message>
    <message>
        <source>By class</source>
        <translation>Nach Klasse</translation>
    </message>
    <message>
        <source>Can its confidence be believed?</source>
        <translation>Kann man seiner Sicherheit glauben?</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>Sicherheit</translation>
    </message>
    <message>
        <source>Confidence off by</source>
        <translation>Sicherheit daneben um</translation>
    </message>
    <message>
        <source>Confusion</source>
        <translation>Verwechslungen</translation>
    </message>
    <message>
        <source>Earlier trainings</source>
        <translation>Frühere Trainings</translation>
    </message>
    <message>
        <source>Export for other programs …</source>
        <translation>Für andere Programme exportieren …</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Found among those of the class, against false alarms among all others.</source>
        <translation>Gefundene unter denen der Klasse, gegen Fehlalarme unter allen anderen.</translation>
    </message>
    <message>
        <source>Held out</source>
        <translation>Zurückgehalten</translation>
    </message>
    <message>
        <source>How good is it?</source>
        <translation>Wie gut ist es?</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Kinds of results</source>
        <translation>Arten von Ergebnissen</translation>
    </message>
    <message>
        <source>Learnt from</source>
        <translation>Gelernt aus</translation>
    </message>
    <message>
        <source>Mean AUC</source>
        <translation>Mittlere AUC</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <source>ROC curve</source>
        <translation>ROC-Kurve</translation>
    </message>
    <message>
        <source>Readers said</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Richtig</translation>
    </message>
    <message>
        <source>Save model card …</source>
        <translation>Modellkarte speichern …</translation>
    </message>
    <message>
        <source>Save report …</source>
        <translation>Bericht speichern …</translation>
    </message>
    <message>
        <source>Scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>Scanner told</source>
        <translation>Scanner erkannt</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>Sensitivität</translation>
    </message>
    <message>
        <source>Share of right answers among those of about the same confidence.</source>
        <translation>Anteil richtiger Antworten unter denen von etwa gleicher Sicherheit.</translation>
    </message>
    <message>
        <source>Show this image and where the model looks</source>
        <translation>Dieses Bild zeigen, und wohin das Modell schaut</translation>
    </message>
    <message>
        <source>Specificity</source>
        <translation>Spezifität</translation>
    </message>
    <message>
        <source>Surest mistakes</source>
        <translation>Sicherste Fehler</translation>
    </message>
    <message>
        <source>The model answered</source>
        <translation>Antwort des Modells</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Wanted sensitivity</source>
        <translation>Gewünschte Sensitivität</translation>
    </message>
    <message>
        <source>What was answered</source>
        <translation>Was geantwortet wurde</translation>
    </message>
    <message>
        <source>agreement</source>
        <translation>Übereinstimmung</translation>
    </message>
    <message>
        <source>answered {0}</source>
        <translation>Antwort {0}</translation>
    </message>
    <message>
        <source>confidence</source>
        <translation>Sicherheit</translation>
    </message>
    <message>
        <source>false alarms</source>
        <translation>Fehlalarme</translation>
    </message>
    <message>
        <source>find at least </source>
        <translation>finde mindestens </translation>
    </message>
    <message>
        <source>guessing</source>
        <translation>Raten</translation>
    </message>
    <message>
        <source>right answers</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>this model</source>
        <translation>dieses Modell</translation>
    </message>
</context>
<context>
    <name>ResumeController</name>
    <message>
        <source>Discard it</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Discard it and start</source>
        <translation>Verwerfen und beginnen</translation>
    </message>
    <message>
        <source>Discard the unfinished training?</source>
        <translation>Das unfertige Training verwerfen?</translation>
    </message>
    <message>
        <source>It can then not go on. The model of its last finished pass stays.</source>
        <translation>Es kann dann nicht weitergehen. Das Modell des letzten beendeten Durchgangs bleibt.</translation>
    </message>
    <message>
        <source>{0} of {1} passes are done, step {2} of {3}; saved on {4}.</source>
        <translation>{0} von {1} Durchgängen sind beendet, Schritt {2} von {3}; gespeichert am {4}.</translation>
    </message>
</context>
<context>
    <name>ResumeOffer</name>
    <message>
        <source>Discard it</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Discard this training</source>
        <translation>Dieses Training verwerfen</translation>
    </message>
    <message>
        <source>Resume training</source>
        <translation>Training fortsetzen</translation>
    </message>
    <message>
        <source>Unfinished training</source>
        <translation>Unfertiges Training</translation>
    </message>
</context>
<context>
    <name>ReviewDialog</name>
    <message>
        <source>Add area</source>
        <translation>Fläche hinzufügen</translation>
    </message>
    <message>
        <source>Areas that will be black</source>
        <translation>Flächen, die schwarz werden</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Black out and go on</source>
        <translation>Schwärzen und weiter</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the export</source>
        <translation>Export abbrechen</translation>
    </message>
    <message>
        <source>Cover every name, number and date. Draw with the mouse, or: A adds an area, arrows move it, Shift with arrows resizes it, Ctrl makes both faster, Delete removes it.</source>
        <translation>Verdecken Sie jeden Namen, jede Nummer und jedes Datum. Zeichnen Sie mit der Maus, oder: A fügt eine Fläche hinzu, Pfeile verschieben sie, Umschalt mit Pfeilen ändert ihre Größe, Strg macht beides schneller, Entf entfernt sie.</translation>
    </message>
    <message>
        <source>Image {0} of {1}</source>
        <translation>Bild {0} von {1}</translation>
    </message>
    <message>
        <source>Is a name written into these images?</source>
        <translation>Ist in diese Bilder ein Name geschrieben?</translation>
    </message>
    <message>
        <source>Leave this image out</source>
        <translation>Dieses Bild auslassen</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>Wird geladen …</translation>
    </message>
    <message>
        <source>No name here, go on</source>
        <translation>Hier kein Name, weiter</translation>
    </message>
    <message>
        <source>Remove area</source>
        <translation>Fläche entfernen</translation>
    </message>
    <message>
        <source>Shown to you because {0}.</source>
        <translation>Ihnen gezeigt, weil: {0}.</translation>
    </message>
    <message>
        <source>This file has {0} frames; areas become black in all of them.</source>
        <translation>Diese Datei hat {0} Einzelbilder; Flächen werden in allen schwarz.</translation>
    </message>
    <message>
        <source>{0}: {1} × {2} px at {3}, {4}</source>
        <translation>{0}: {1} × {2} px bei {3}, {4}</translation>
    </message>
</context>
<context>
    <name>RoundTable</name>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>Own training</source>
        <translation>Eigenes Training</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Richtig</translation>
    </message>
    <message>
        <source>Round</source>
        <translation>Runde</translation>
    </message>
    <message>
        <source>This site</source>
        <translation>Dieser Standort</translation>
    </message>
    <message>
        <source>not picked</source>
        <translation>nicht ausgewählt</translation>
    </message>
    <message>
        <source>picked, training</source>
        <translation>ausgewählt, trainiert</translation>
    </message>
    <message>
        <source>refused: {0}</source>
        <translation>abgelehnt: {0}</translation>
    </message>
    <message>
        <source>start</source>
        <translation>Beginn</translation>
    </message>
    <message>
        <source>took part, {0} images</source>
        <translation>nahm teil, {0} Bilder</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
</context>
<context>
    <name>SampleModel</name>
    <message>
        <source>Model suggestion: {0}</source>
        <translation>Modellvorschlag: {0}</translation>
    </message>
    <message>
        <source>Unnamed scanner</source>
        <translation>Unbenannter Scanner</translation>
    </message>
    <message>
        <source>excluded: {0}</source>
        <translation>ausgeschlossen: {0}</translation>
    </message>
    <message>
        <source>its file is missing</source>
        <translation>seine Datei fehlt</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>ohne Label</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>{0} (no class here)</source>
        <translation>{0} (hier keine Klasse)</translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message>
        <source>Cancel the search</source>
        <translation>Suche abbrechen</translation>
    </message>
    <message>
        <source>Comparing file {0} of {1}</source>
        <translation>Datei {0} von {1} wird verglichen</translation>
    </message>
    <message>
        <source>Looking for files …</source>
        <translation>Dateien werden gesucht …</translation>
    </message>
    <message>
        <source>Search progress</source>
        <translation>Fortschritt der Suche</translation>
    </message>
</context>
<context>
    <name>SecondReadingController</name>
    <message>
        <source>End second reading</source>
        <translation>Zweitbeurteilung beenden</translation>
    </message>
    <message>
        <source>End the second reading first.</source>
        <translation>Beenden Sie zuerst die Zweitbeurteilung.</translation>
    </message>
    <message>
        <source>Go back to all images first.</source>
        <translation>Gehen Sie zuerst zurück zu allen Bildern.</translation>
    </message>
    <message>
        <source>Nobody else has labelled images that {0} has not read yet.</source>
        <translation>Niemand sonst hat Bildern ein Label gegeben, die {0} noch nicht beurteilt hat.</translation>
    </message>
    <message>
        <source>Readers agree on all images that two of them read.</source>
        <translation>Bei allen Bildern, die zwei Personen beurteilten, stimmen sie überein.</translation>
    </message>
    <message>
        <source>They stay out of the comparison and cannot be drawn for you again, since you will see their labels. To go on later, just close the program.</source>
        <translation>Sie bleiben aus dem Vergleich heraus und können für Sie nicht noch einmal gezogen werden, weil Sie ihre Labels sehen werden. Um später weiterzumachen, schließen Sie einfach das Programm.</translation>
    </message>
    <message>
        <source>image is</source>
        <translation>Bild ist</translation>
    </message>
    <message>
        <source>images are</source>
        <translation>Bilder sind</translation>
    </message>
    <message>
        <source>{0} not read yet.</source>
        <translation>{0} noch nicht beurteilt.</translation>
    </message>
</context>
<context>
    <name>SentController</name>
    <message>
        <source>Beside them: the number of images trained on ({0}), how the shared model does on your held-out images, a number for each scanner and for this computer (their names stay here), study, network, round and version. Once, on joining: your site’s name.</source>
        <translation>Daneben: die Zahl der Bilder, mit denen trainiert wurde ({0}), wie gut das gemeinsame Modell auf Ihren zurückgehaltenen Bildern ist, eine Nummer für jeden Scanner und für diesen Computer (ihre Namen bleiben hier), Studie, Netz, Runde und Version. Einmal, beim Beitritt: der Name Ihres Standorts.</translation>
    </message>
    <message>
        <source>Each time this site is picked, {0} arrays, {1} MB before any compression.</source>
        <translation>Jedes Mal, wenn dieser Standort ausgewählt wird: {0} Zahlenfelder, {1} MB vor jeder Kompression.</translation>
    </message>
    <message>
        <source>Round {0}, {1}</source>
        <translation>Runde {0}, {1}</translation>
    </message>
    <message>
        <source>What would be sent now</source>
        <translation>Was jetzt gesendet würde</translation>
    </message>
    <message>
        <source>Working out what would be sent …</source>
        <translation>Es wird ermittelt, was gesendet würde …</translation>
    </message>
    <message>
        <source>not known to have arrived</source>
        <translation>Ankunft nicht bestätigt</translation>
    </message>
    <message>
        <source>received by the coordinator</source>
        <translation>vom Koordinator empfangen</translation>
    </message>
    <message>
        <source>{0} arrays, {1} MB as it travelled; {2}. SHA-256 {3}</source>
        <translation>{0} Zahlenfelder, {1} MB, wie gesendet; {2}. SHA-256 {3}</translation>
    </message>
</context>
<context>
    <name>SentSheet</name>
    <message>
        <source>Array</source>
        <translation>Zahlenfeld</translation>
    </message>
    <message>
        <source>16 averages of how at least 4 images each of a scanner look ({0} bytes). They tell how bright, coloured and rich in contrast a scanner’s images are.</source>
        <translation>16 Mittelwerte dessen, wie je mindestens 4 Bilder eines Scanners aussehen ({0} Bytes). Sie verraten, wie hell, farbig und kontrastreich die Bilder eines Scanners sind.</translation>
    </message>
    <message>
        <source>Average and spread of what the network makes of at least 20 images of a scanner ({0} bytes). They tell how these images differ from other scanners’, and that there are at least 20 of a lesion class; nothing of a single image.</source>
        <translation>Mittel und Streuung dessen, was das Netz aus mindestens 20 Bildern eines Scanners macht ({0} Bytes). Sie verraten, wie sich diese Bilder von denen anderer Scanner unterscheiden und dass es mindestens 20 einer Läsionsklasse gibt; nichts über ein einzelnes Bild.</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy all of it</source>
        <translation>Alles kopieren</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodierung</translation>
    </message>
    <message>
        <source>Every array that is sent</source>
        <translation>Jedes Zahlenfeld, das gesendet wird</translation>
    </message>
    <message>
        <source>Of which round</source>
        <translation>Welche Runde</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>The model’s parameters ({0} bytes), as your images have changed them. No image can be seen in them. Whoever has them and an image in hand may try to guess whether it was trained on; the fewer your images, the better such a guess.</source>
        <translation>Die Parameter des Modells ({0} Bytes), wie Ihre Bilder sie verändert haben. Kein Bild ist darin zu sehen. Wer sie und ein Bild in der Hand hat, kann zu erraten versuchen, ob damit trainiert wurde; je weniger Bilder Sie haben, desto besser gelingt das.</translation>
    </message>
    <message>
        <source>What leaves this hospital</source>
        <translation>Was dieses Krankenhaus verlässt</translation>
    </message>
</context>
<context>
    <name>SeriesController</name>
    <message>
        <source>The series is selected: {0}.</source>
        <translation>Die Serie ist ausgewählt: {0}.</translation>
    </message>
    <message>
        <source>This image belongs to no series.</source>
        <translation>Dieses Bild gehört zu keiner Serie.</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>The project {0} is not there any more.</source>
        <translation>Das Projekt {0} ist nicht mehr da.</translation>
    </message>
    <message>
        <source>The project “{0}” was deleted; its images are where they were.</source>
        <translation>Das Projekt „{0}“ wurde gelöscht; seine Bilder sind, wo sie waren.</translation>
    </message>
    <message>
        <source>the window</source>
        <translation>dem Fenster</translation>
    </message>
</context>
<context>
    <name>SightBar</name>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Reihenfolge</translation>
    </message>
    <message>
        <source>Scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>Search the images</source>
        <translation>Bilder durchsuchen</translation>
    </message>
    <message>
        <source>Search: file, scanner, class, note</source>
        <translation>Suchen: Datei, Scanner, Klasse, Notiz</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Show all images: end the search, and take filters away</source>
        <translation>Alle Bilder zeigen: Suche beenden und Filter aufheben</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>as imported</source>
        <translation>wie importiert</translation>
    </message>
    <message>
        <source>by class</source>
        <translation>nach Klasse</translation>
    </message>
    <message>
        <source>by file name</source>
        <translation>nach Dateinamen</translation>
    </message>
    <message>
        <source>by scanner</source>
        <translation>nach Scanner</translation>
    </message>
    <message>
        <source>differs from the label</source>
        <translation>weicht vom Label ab</translation>
    </message>
    <message>
        <source>disagreement</source>
        <translation>Abweichung</translation>
    </message>
    <message>
        <source>excluded</source>
        <translation>ausgeschlossen</translation>
    </message>
    <message>
        <source>file missing</source>
        <translation>Datei fehlt</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>large</source>
        <translation>groß</translation>
    </message>
    <message>
        <source>low confidence</source>
        <translation>geringe Sicherheit</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>mittel</translation>
    </message>
    <message>
        <source>most useful next</source>
        <translation>nützlichste zuerst</translation>
    </message>
    <message>
        <source>newest first</source>
        <translation>neueste zuerst</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>ohne Label</translation>
    </message>
    <message>
        <source>small</source>
        <translation>klein</translation>
    </message>
    <message>
        <source>very large</source>
        <translation>sehr groß</translation>
    </message>
    <message>
        <source>{0} of {1} images</source>
        <translation>{0} von {1} Bildern</translation>
    </message>
    <message>
        <source>{0} of {1} selected</source>
        <translation>{0} von {1} ausgewählt</translation>
    </message>
    <message>
        <source>✕ Clear filters</source>
        <translation>✕ Filter</translation>
    </message>
</context>
<context>
    <name>SkippedList</name>
    <message>
        <source>Copy list</source>
        <translation>Liste kopieren</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Dismiss the list of skipped files</source>
        <translation>Liste der übersprungenen Dateien schließen</translation>
    </message>
    <message>
        <source>Files that were skipped, and why</source>
        <translation>Dateien, die übersprungen wurden, und warum</translation>
    </message>
    <message>
        <source>Save list …</source>
        <translation>Liste speichern …</translation>
    </message>
    <message>
        <source>file was</source>
        <translation>Datei wurde</translation>
    </message>
    <message>
        <source>files were</source>
        <translation>Dateien wurden</translation>
    </message>
    <message>
        <source>{0} skipped</source>
        <translation>{0} übersprungen</translation>
    </message>
    <message>
        <source>{0} skipped; show why</source>
        <translation>{0} übersprungen; Gründe zeigen</translation>
    </message>
</context>
<context>
    <name>StartWindow</name>
    <message>
        <source>&amp;Look around in a sample project</source>
        <translation>Im &amp;Beispielprojekt umsehen</translation>
    </message>
    <message>
        <source>&amp;New project …</source>
        <translation>&amp;Neues Projekt …</translation>
    </message>
    <message>
        <source>&amp;Open a project's folder …</source>
        <translation>&amp;Ordner eines Projekts öffnen …</translation>
    </message>
    <message>
        <source>&amp;Restore a back-up …</source>
        <translation>Sicherung &amp;wiederherstellen …</translation>
    </message>
    <message>
        <source>Another one</source>
        <translation>Ein anderes</translation>
    </message>
    <message>
        <source>Open &amp;this one</source>
        <translation>&amp;Dieses öffnen</translation>
    </message>
    <message>
        <source>Open last</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Which project?</source>
        <translation>Welches Projekt?</translation>
    </message>
</context>
<context>
    <name>StudyController</name>
    <message>
        <source>Joined “{0}”; it is listed here after you stop taking part.</source>
        <translation>„{0}“ beigetreten; die Studie erscheint hier, sobald Sie die laufende Teilnahme anhalten.</translation>
    </message>
    <message>
        <source>Not taking part now</source>
        <translation>Zurzeit keine Teilnahme</translation>
    </message>
    <message>
        <source>Picked since {0}.</source>
        <translation>Ausgewählt seit {0}.</translation>
    </message>
    <message>
        <source>Starting the training program …</source>
        <translation>Das Trainingsprogramm startet …</translation>
    </message>
    <message>
        <source>Stopped. The study goes on; you can take part again at any time.</source>
        <translation>Angehalten. Die Studie geht weiter; Sie können jederzeit wieder teilnehmen.</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Wird angehalten …</translation>
    </message>
    <message>
        <source>Study: {0}</source>
        <translation>Studie: {0}</translation>
    </message>
    <message>
        <source>Taking part</source>
        <translation>Teilnahme läuft</translation>
    </message>
    <message>
        <source>The round waits until {0}, if enough sites have sent by then.</source>
        <translation>Die Runde wartet bis {0}, wenn bis dahin genug Standorte gesendet haben.</translation>
    </message>
    <message>
        <source>The study has {0}. While you take part, keep this program open; when your site is picked, it trains for a while and sends the result.</source>
        <translation>Die Studie hat {0}. Lassen Sie dieses Programm geöffnet, solange Sie teilnehmen; wird Ihr Standort ausgewählt, trainiert er eine Weile und sendet das Ergebnis.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; stop that first.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; halten Sie das zuerst an.</translation>
    </message>
    <message>
        <source>This study was handed over to another computer of your site, which takes part in the place of this desk. To take part here again, take it back.</source>
        <translation>Diese Studie wurde an einen anderen Rechner Ihres Standorts übergeben, der anstelle dieses Arbeitsplatzes teilnimmt. Um hier wieder teilzunehmen, nehmen Sie sie zurück.</translation>
    </message>
    <message>
        <source>Trained by the server since {0}</source>
        <translation>Wird seit {0} vom Server trainiert</translation>
    </message>
    <message>
        <source>You have no class of this name yet: {0}.</source>
        <translation>Sie haben noch keine Klasse dieses Namens: {0}.</translation>
    </message>
    <message>
        <source>a study</source>
        <translation>einer Studie</translation>
    </message>
    <message>
        <source>round</source>
        <translation>Runde</translation>
    </message>
    <message>
        <source>rounds</source>
        <translation>Runden</translation>
    </message>
</context>
<context>
    <name>StudyFacts</name>
    <message>
        <source>Add the study's classes to mine</source>
        <translation>Klassen der Studie zu meinen hinzufügen</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>How much</source>
        <translation>Wie viel</translation>
    </message>
    <message>
        <source>Never sent</source>
        <translation>Nie gesendet</translation>
    </message>
    <message>
        <source>Run by</source>
        <translation>Geleitet von</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>What is sent</source>
        <translation>Was gesendet wird</translation>
    </message>
    <message>
        <source>You are</source>
        <translation>Sie sind</translation>
    </message>
</context>
<context>
    <name>StudyPage</name>
    <message>
        <source>A server of your hospital takes part in the place of this desk</source>
        <translation>Ein Server Ihres Krankenhauses nimmt anstelle dieses Arbeitsplatzes teil</translation>
    </message>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>Ask the study's owner for an invitation, and paste it at the left. You see what the study is and what would be sent before you agree to anything. Joining itself sends nothing but the name of your site.</source>
        <translation>Bitten Sie die Studienleitung um eine Einladung und fügen Sie sie links ein. Sie sehen, was die Studie ist und was gesendet würde, bevor Sie etwas zustimmen. Der Beitritt selbst sendet nur den Namen Ihres Standorts.</translation>
    </message>
    <message>
        <source>Check the way …</source>
        <translation>Weg prüfen …</translation>
    </message>
    <message>
        <source>Compare with alone …</source>
        <translation>Mit allein vergleichen …</translation>
    </message>
    <message>
        <source>Everything that is sent, before the first time and of each round</source>
        <translation>Alles, was gesendet wird, vor dem ersten Mal und in jeder Runde</translation>
    </message>
    <message>
        <source>Hand over to a server …</source>
        <translation>An einen Server übergeben …</translation>
    </message>
    <message>
        <source>How to begin</source>
        <translation>So beginnen Sie</translation>
    </message>
    <message>
        <source>Is this site better off than with its own images alone?</source>
        <translation>Ist dieser Standort besser dran als mit seinen eigenen Bildern allein?</translation>
    </message>
    <message>
        <source>Join a study</source>
        <translation>Einer Studie beitreten</translation>
    </message>
    <message>
        <source>Join a study …</source>
        <translation>Einer Studie beitreten …</translation>
    </message>
    <message>
        <source>Leave the study …</source>
        <translation>Studie verlassen …</translation>
    </message>
    <message>
        <source>Looks at everything that taking part needs</source>
        <translation>Prüft alles, was die Teilnahme braucht</translation>
    </message>
    <message>
        <source>No round yet.</source>
        <translation>Noch keine Runde.</translation>
    </message>
    <message>
        <source>On this site's held-out images, after each round. Higher is better.</source>
        <translation>Auf den zurückgehaltenen Bildern dieses Standorts, nach jeder Runde. Höher ist besser.</translation>
    </message>
    <message>
        <source>Progress of this site's training in the round</source>
        <translation>Fortschritt des Trainings dieses Standorts in der Runde</translation>
    </message>
    <message>
        <source>Remove from this desk …</source>
        <translation>Von diesem Arbeitsplatz entfernen …</translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation>Runden</translation>
    </message>
    <message>
        <source>Rounds of this study</source>
        <translation>Runden dieser Studie</translation>
    </message>
    <message>
        <source>Several hospitals train one model together. In each round some of them are picked; each trains on its own images, and a coordinator averages what they send. Everyone gets the result.</source>
        <translation>Mehrere Krankenhäuser trainieren gemeinsam ein Modell. In jeder Runde werden einige davon ausgewählt; jedes trainiert mit seinen eigenen Bildern, und ein Koordinator mittelt, was sie senden. Alle erhalten das Ergebnis.</translation>
    </message>
    <message>
        <source>Shared model</source>
        <translation>Gemeinsames Modell</translation>
    </message>
    <message>
        <source>Start taking part</source>
        <translation>Teilnahme beginnen</translation>
    </message>
    <message>
        <source>Stop taking part</source>
        <translation>Teilnahme anhalten</translation>
    </message>
    <message>
        <source>Studies this site is in</source>
        <translation>Studien dieses Standorts</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Studie</translation>
    </message>
    <message>
        <source>Take back …</source>
        <translation>Zurücknehmen …</translation>
    </message>
    <message>
        <source>The study's owner sends you an invitation to paste here.</source>
        <translation>Die Studienleitung schickt Ihnen eine Einladung, die Sie hier einfügen.</translation>
    </message>
    <message>
        <source>Train with other hospitals</source>
        <translation>Mit anderen Krankenhäusern trainieren</translation>
    </message>
    <message>
        <source>What a study is</source>
        <translation>Was eine Studie ist</translation>
    </message>
    <message>
        <source>What leaves …</source>
        <translation>Was gesendet wird …</translation>
    </message>
    <message>
        <source>What stays here</source>
        <translation>Was hier bleibt</translation>
    </message>
    <message>
        <source>What takes part …</source>
        <translation>Was teilnimmt …</translation>
    </message>
    <message>
        <source>Your images, their labels and everything about your patients stay on this computer. Before you take part, the study's page lists what is sent.</source>
        <translation>Ihre Bilder, deren Labels und alles über Ihre Patienten bleiben auf diesem Computer. Bevor Sie teilnehmen, führt die Seite der Studie auf, was gesendet wird.</translation>
    </message>
    <message>
        <source>Your studies</source>
        <translation>Ihre Studien</translation>
    </message>
    <message>
        <source>right answers</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>round</source>
        <translation>Runde</translation>
    </message>
</context>
<context>
    <name>SuggestDialog</name>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Confidence is low below</source>
        <translation>Sicherheit ist gering unter</translation>
    </message>
    <message>
        <source>Go to training</source>
        <translation>Zum Training</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model suggestions</source>
        <translation>Modellvorschläge</translation>
    </message>
    <message>
        <source>Suggest labels</source>
        <translation>Labels vorschlagen</translation>
    </message>
    <message>
        <source>The model proposes a class for each image, with a confidence. A suggestion is for research only; it is no diagnosis, and becomes a label only if you accept it.</source>
        <translation>Das Modell schlägt zu jedem Bild eine Klasse vor und sagt, wie sicher es ist. Ein Vorschlag dient nur der Forschung; er ist keine Diagnose und wird nur zum Label, wenn Sie ihn annehmen.</translation>
    </message>
    <message>
        <source>There is no model here yet. Train a model first, or take part in a study: then it can propose a class for each image.</source>
        <translation>Hier gibt es noch kein Modell. Trainieren Sie zuerst eines oder nehmen Sie an einer Studie teil: dann kann es zu jedem Bild eine Klasse vorschlagen.</translation>
    </message>
    <message>
        <source>all that have none from this model yet</source>
        <translation>alle, die von diesem Modell noch keinen haben</translation>
    </message>
    <message>
        <source>only the {0}</source>
        <translation>nur {0}</translation>
    </message>
    <message>
        <source>selected image</source>
        <translation>ausgewähltes Bild</translation>
    </message>
    <message>
        <source>selected images</source>
        <translation>ausgewählte Bilder</translation>
    </message>
</context>
<context>
    <name>SuggestionBar</name>
    <message>
        <source>Asking the model about image {0} of {1}</source>
        <translation>Das Modell wird zu Bild {0} von {1} befragt</translation>
    </message>
    <message>
        <source>Progress of the model suggestions</source>
        <translation>Fortschritt der Modellvorschläge</translation>
    </message>
    <message>
        <source>Starting the model …</source>
        <translation>Das Modell wird gestartet …</translation>
    </message>
    <message>
        <source>Stop asking the model</source>
        <translation>Befragung des Modells anhalten</translation>
    </message>
</context>
<context>
    <name>SuggestionController</name>
    <message>
        <source>By the model “{0}”, asked {1}</source>
        <translation>Vom Modell „{0}“, befragt am {1}</translation>
    </message>
    <message>
        <source>Confidence checked on held-out images.</source>
        <translation>Sicherheit an zurückgehaltenen Bildern geprüft.</translation>
    </message>
    <message>
        <source>Confidence unchecked, may be too high.</source>
        <translation>Sicherheit ungeprüft, vielleicht zu hoch.</translation>
    </message>
    <message>
        <source>Every image asked about has a suggestion of this model already.</source>
        <translation>Jedes dieser Bilder hat schon einen Vorschlag dieses Modells.</translation>
    </message>
    <message>
        <source>Here every reader says what they see; press the key of a class.</source>
        <translation>Hier sagen alle, was sie selbst sehen; drücken Sie die Taste einer Klasse.</translation>
    </message>
    <message>
        <source>Model suggestions: image {0} of {1}</source>
        <translation>Modellvorschläge: Bild {0} von {1}</translation>
    </message>
    <message>
        <source>No model suggestion for this image.</source>
        <translation>Kein Modellvorschlag zu diesem Bild.</translation>
    </message>
    <message>
        <source>No model suggestions yet.</source>
        <translation>Noch keine Modellvorschläge.</translation>
    </message>
    <message>
        <source>The model suggestion is shown after your own label.</source>
        <translation>Der Modellvorschlag erscheint nach Ihrem eigenen Label.</translation>
    </message>
    <message>
        <source>The model was stopped; its suggestions so far are kept.</source>
        <translation>Das Modell wurde angehalten; seine bisherigen Vorschläge bleiben.</translation>
    </message>
    <message>
        <source>There is no model suggestion to accept here.</source>
        <translation>Hier gibt es keinen Modellvorschlag anzunehmen.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; stop that first.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; halten Sie das zuerst an.</translation>
    </message>
    <message>
        <source>image has</source>
        <translation>Bild hat</translation>
    </message>
    <message>
        <source>images have</source>
        <translation>Bilder haben</translation>
    </message>
    <message>
        <source>model suggestions</source>
        <translation>Modellvorschlägen</translation>
    </message>
    <message>
        <source>{0} a model suggestion now.</source>
        <translation>{0} jetzt einen Modellvorschlag.</translation>
    </message>
    <message>
        <source>{0} skipped.</source>
        <translation>{0} übersprungen.</translation>
    </message>
    <message>
        <source>{0} – differs from the label</source>
        <translation>{0} – weicht vom Label ab</translation>
    </message>
    <message>
        <source>{0} – same as the label</source>
        <translation>{0} – wie das Label</translation>
    </message>
</context>
<context>
    <name>SuggestionPanel</name>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Accept ({0})</source>
        <translation>Annehmen ({0})</translation>
    </message>
    <message>
        <source>Accept the model suggestion</source>
        <translation>Den Modellvorschlag annehmen</translation>
    </message>
    <message>
        <source>Show model suggestions before I label</source>
        <translation>Modellvorschläge zeigen, bevor ich ein Label vergebe</translation>
    </message>
    <message>
        <source>Suggest labels …</source>
        <translation>Labels vorschlagen …</translation>
    </message>
    <message>
        <source>Suggest …</source>
        <translation>Vorschlagen …</translation>
    </message>
    <message>
        <source>Whoever sees a suggestion first tends to follow it; after your own label is safer</source>
        <translation>Wer zuerst einen Vorschlag sieht, folgt ihm leicht; nach dem eigenen Label ist es sicherer</translation>
    </message>
    <message>
        <source>show before I label</source>
        <translation>vor meinem Label zeigen</translation>
    </message>
</context>
<context>
    <name>SupportController</name>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>The report {0} is saved.</source>
        <translation>Der Bericht {0} ist gespeichert.</translation>
    </message>
</context>
<context>
    <name>ThumbnailDelegate</name>
    <message>
        <source>Model suggestion</source>
        <translation>Modellvorschlag</translation>
    </message>
    <message>
        <source>cannot be
shown</source>
        <translation>kann nicht
gezeigt werden</translation>
    </message>
    <message>
        <source>excluded</source>
        <translation>ausgeschlossen</translation>
    </message>
    <message>
        <source>file missing</source>
        <translation>Datei fehlt</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>ohne Label</translation>
    </message>
</context>
<context>
    <name>ThumbnailGrid</name>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
</context>
<context>
    <name>TrainingController</name>
    <message>
        <source>1 of {0} could not be read and was left out</source>
        <translation>1 von {0} war nicht lesbar und wurde ausgelassen</translation>
    </message>
    <message>
        <source>Finding out how good the model is …</source>
        <translation>Es wird festgestellt, wie gut das Modell ist …</translation>
    </message>
    <message>
        <source>Label at least 2 images of a second class; so far only {0} has enough.</source>
        <translation>Geben Sie mindestens 2 Bildern einer zweiten Klasse ein Label; bisher hat nur {0} genug.</translation>
    </message>
    <message>
        <source>Label at least 2 images of each of 2 classes before training.</source>
        <translation>Geben Sie vor dem Training mindestens je 2 Bildern von 2 Klassen ein Label.</translation>
    </message>
    <message>
        <source>Learning from {0} of {1}, {2} held out, on {3}.</source>
        <translation>Gelernt wird aus {0} von {1}, {2} zurückgehalten, auf {3}.</translation>
    </message>
    <message>
        <source>No pass was finished, so no model is saved.</source>
        <translation>Kein Durchgang wurde beendet; daher ist kein Modell gespeichert.</translation>
    </message>
    <message>
        <source>Open a folder of images first, then label some of each class.</source>
        <translation>Öffnen Sie zuerst einen Ordner mit Bildern und geben Sie dann einigen jeder Klasse ein Label.</translation>
    </message>
    <message>
        <source>Pass {0} of {1} done</source>
        <translation>Durchgang {0} von {1} beendet</translation>
    </message>
    <message>
        <source>Pausing: the training saves everything …</source>
        <translation>Pause: Das Training speichert alles …</translation>
    </message>
    <message>
        <source>Reading image {0} of {1}</source>
        <translation>Bild {0} von {1} wird gelesen</translation>
    </message>
    <message>
        <source>Starting the training program …</source>
        <translation>Das Trainingsprogramm startet …</translation>
    </message>
    <message>
        <source>Stop this training for good?</source>
        <translation>Dieses Training endgültig beenden?</translation>
    </message>
    <message>
        <source>Stop training</source>
        <translation>Training beenden</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Wird angehalten …</translation>
    </message>
    <message>
        <source>The model of its last finished pass stays, but the training cannot go on. To go on later, pause it instead.</source>
        <translation>Das Modell des letzten beendeten Durchgangs bleibt, aber das Training kann nicht weitergehen. Um später weiterzumachen, pausieren Sie es stattdessen.</translation>
    </message>
    <message>
        <source>This computer is busy with {0}; stop that first.</source>
        <translation>Dieser Computer ist mit {0} beschäftigt; halten Sie das zuerst an.</translation>
    </message>
    <message>
        <source>Training is finished; the model is saved.</source>
        <translation>Das Training ist beendet; das Modell ist gespeichert.</translation>
    </message>
    <message>
        <source>Training is paused at {0}. Everything is saved.</source>
        <translation>Das Training pausiert bei {0}. Alles ist gespeichert.</translation>
    </message>
    <message>
        <source>Training is starting</source>
        <translation>Das Training beginnt</translation>
    </message>
    <message>
        <source>Training was stopped. {0}</source>
        <translation>Das Training wurde angehalten. {0}</translation>
    </message>
    <message>
        <source>Training: step {0} of {1}</source>
        <translation>Training: Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>With one scanner there is none to ignore: its curves say nothing.</source>
        <translation>Bei nur einem Scanner gibt es keinen zu übersehen: Seine Kurven sagen nichts aus.</translation>
    </message>
    <message>
        <source>a training</source>
        <translation>einem Training</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>scanners</source>
        <translation>Scannern</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>{0} of {1} could not be read and were left out</source>
        <translation>{0} von {1} waren nicht lesbar und wurden ausgelassen</translation>
    </message>
    <message>
        <source>{0} of {1} held out right, AUC {2}</source>
        <translation>{0} von {1} (zurückgehalten) richtig, AUC {2}</translation>
    </message>
    <message>
        <source>{0}; the model as it was then is saved.</source>
        <translation>{0}; das Modell auf diesem Stand ist gespeichert.</translation>
    </message>
</context>
<context>
    <name>TrainingPage</name>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>Check this computer</source>
        <translation>Diesen Computer prüfen</translation>
    </message>
    <message>
        <source>Curves, tables and mistakes of the models trained here</source>
        <translation>Kurven, Tabellen und Fehler der hier trainierten Modelle</translation>
    </message>
    <message>
        <source>Ends this training; the model of its last pass stays</source>
        <translation>Beendet dieses Training; das Modell des letzten Durchgangs bleibt</translation>
    </message>
    <message>
        <source>Go to the images</source>
        <translation>Zu den Bildern</translation>
    </message>
    <message>
        <source>Held-out images</source>
        <translation>Zurückgehaltene Bilder</translation>
    </message>
    <message>
        <source>How good is it?</source>
        <translation>Wie gut ist es?</translation>
    </message>
    <message>
        <source>How often the features give the scanner away. Near guessing is best.</source>
        <translation>Wie oft die Merkmale den Scanner verraten. Am besten kaum öfter als geraten.</translation>
    </message>
    <message>
        <source>Images the training never sees. Higher is better.</source>
        <translation>Bilder, die das Training nie sieht. Höher ist besser.</translation>
    </message>
    <message>
        <source>Lesion error</source>
        <translation>Fehler bei Läsionen</translation>
    </message>
    <message>
        <source>Loss on the training images. It should fall.</source>
        <translation>Verlust auf den Trainingsbildern. Er sollte fallen.</translation>
    </message>
    <message>
        <source>Nothing is being trained.</source>
        <translation>Es wird nichts trainiert.</translation>
    </message>
    <message>
        <source>Pause training</source>
        <translation>Training pausieren</translation>
    </message>
    <message>
        <source>Saves everything; you can go on now or another day</source>
        <translation>Speichert alles; Sie können gleich oder an einem anderen Tag weitermachen</translation>
    </message>
    <message>
        <source>Scanner recognised</source>
        <translation>Scanner erkannt</translation>
    </message>
    <message>
        <source>Share of the images whose lesion or scanner is corrected.</source>
        <translation>Anteil der Bilder, deren Läsion oder Scanner korrigiert wird.</translation>
    </message>
    <message>
        <source>Show the images left out</source>
        <translation>Ausgelassene Bilder zeigen</translation>
    </message>
    <message>
        <source>Show which ones</source>
        <translation>Zeigen, welche</translation>
    </message>
    <message>
        <source>Start a new training</source>
        <translation>Neues Training beginnen</translation>
    </message>
    <message>
        <source>Start training</source>
        <translation>Training beginnen</translation>
    </message>
    <message>
        <source>Stop training</source>
        <translation>Training beenden</translation>
    </message>
    <message>
        <source>This training</source>
        <translation>Dieses Training</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Training progress</source>
        <translation>Fortschritt des Trainings</translation>
    </message>
    <message>
        <source>What each step works on</source>
        <translation>Woran jeder Schritt arbeitet</translation>
    </message>
    <message>
        <source>What training computes on, and why</source>
        <translation>Worauf das Training rechnet, und warum</translation>
    </message>
    <message>
        <source>each step</source>
        <translation>jeder Schritt</translation>
    </message>
    <message>
        <source>guessing</source>
        <translation>geraten</translation>
    </message>
    <message>
        <source>lesion</source>
        <translation>Läsion</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>pass over the images</source>
        <translation>Durchgang durch die Bilder</translation>
    </message>
    <message>
        <source>right answers</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>scanner recognised</source>
        <translation>Scanner erkannt</translation>
    </message>
    <message>
        <source>training step</source>
        <translation>Trainingsschritt</translation>
    </message>
</context>
<context>
    <name>TrainingSettings</name>
    <message>
        <source> images</source>
        <translation> Bilder</translation>
    </message>
    <message>
        <source> passes</source>
        <translation> Durchgänge</translation>
    </message>
    <message>
        <source>Advanced settings</source>
        <translation>Erweiterte Einstellungen</translation>
    </message>
    <message>
        <source>All graphics cards</source>
        <translation>Alle Grafikkarten</translation>
    </message>
    <message>
        <source>Anew in each pass, so that few teach more. Not if left and right matter.</source>
        <translation>In jedem Durchgang neu, damit wenige mehr lehren. Nicht, wenn links und rechts etwas bedeuten.</translation>
    </message>
    <message>
        <source>Another number begins elsewhere; the same one gives the same model.</source>
        <translation>Eine andere Zahl beginnt woanders; dieselbe ergibt dasselbe Modell.</translation>
    </message>
    <message>
        <source>Apple graphics</source>
        <translation>Apple-Grafik</translation>
    </message>
    <message>
        <source>At a time</source>
        <translation>Auf einmal</translation>
    </message>
    <message>
        <source>Back to the defaults</source>
        <translation>Zurück zur Voreinstellung</translation>
    </message>
    <message>
        <source>Compute on</source>
        <translation>Rechnen auf</translation>
    </message>
    <message>
        <source>Fewer need less memory. If it is full, training halves them by itself.</source>
        <translation>Weniger brauchen weniger Speicher. Ist er voll, halbiert das Training sie von selbst.</translation>
    </message>
    <message>
        <source>For graphics cards, somewhat slower. A processor always is.</source>
        <translation>Für Grafikkarten, etwas langsamer. Ein Prozessor ist es immer.</translation>
    </message>
    <message>
        <source>How long</source>
        <translation>Wie lange</translation>
    </message>
    <message>
        <source>How often every labelled image is seen</source>
        <translation>Wie oft jedes Bild mit Label gesehen wird</translation>
    </message>
    <message>
        <source>How strongly the model unlearns the scanner; 0 trains without that.</source>
        <translation>Wie stark das Modell den Scanner verlernt; 0 trainiert ohne dies.</translation>
    </message>
    <message>
        <source>Mixed precision</source>
        <translation>Gemischte Genauigkeit</translation>
    </message>
    <message>
        <source>NVIDIA graphics card</source>
        <translation>NVIDIA-Grafikkarte</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Quicker on newer NVIDIA cards, a little less exact.</source>
        <translation>Schneller auf neueren NVIDIA-Karten, etwas weniger genau.</translation>
    </message>
    <message>
        <source>Random seed</source>
        <translation>Startwert des Zufalls</translation>
    </message>
    <message>
        <source>Repeatable to the bit</source>
        <translation>Bitgenau wiederholbar</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Share the work. Pays with large networks; “Check this computer” tries it.</source>
        <translation>Teilen sich die Arbeit. Lohnt bei großen Netzen; „Diesen Computer prüfen“ probiert es.</translation>
    </message>
    <message>
        <source>Site-blindness</source>
        <translation>Standort-Blindheit</translation>
    </message>
    <message>
        <source>Vary images</source>
        <translation>Bilder variieren</translation>
    </message>
    <message>
        <source>choose for me</source>
        <translation>automatisch wählen</translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation>gespiegelt</translation>
    </message>
    <message>
        <source>mirrored, cropped, lit</source>
        <translation>gespiegelt, Ausschnitt, Licht</translation>
    </message>
    <message>
        <source>not at all</source>
        <translation>gar nicht</translation>
    </message>
    <message>
        <source>processor (CPU)</source>
        <translation>Prozessor (CPU)</translation>
    </message>
    <message>
        <source>▸  Advanced</source>
        <translation>▸  Erweitert</translation>
    </message>
    <message>
        <source>▾  Advanced</source>
        <translation>▾  Erweitert</translation>
    </message>
</context>
<context>
    <name>UpdateBanner</name>
    <message>
        <source>Later</source>
        <translation>Später</translation>
    </message>
    <message>
        <source>Not this version again</source>
        <translation>Diese Version nicht mehr</translation>
    </message>
    <message>
        <source>Read more at {0}</source>
        <translation>Mehr dazu auf {0}</translation>
    </message>
    <message>
        <source>Read more …</source>
        <translation>Mehr dazu …</translation>
    </message>
    <message>
        <source>SiteBlind {0} came out on {1}; you have {2}.</source>
        <translation>SiteBlind {0} ist am {1} erschienen; Sie haben {2}.</translation>
    </message>
    <message>
        <source>Tell me about the new version later</source>
        <translation>Später an die neue Version erinnern</translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <translation>d. MMMM yyyy</translation>
    </message>
</context>
<context>
    <name>UpdateController</name>
    <message>
        <source>Nothing is known of newer versions. For your IT department: {0}</source>
        <translation>Über neuere Versionen ist nichts bekannt. Für Ihre IT-Abteilung: {0}</translation>
    </message>
    <message>
        <source>Version {0} is there; the line above the page says more.</source>
        <translation>Es gibt Version {0}; mehr dazu steht in der Zeile über der Seite.</translation>
    </message>
    <message>
        <source>✓ There is no newer version.</source>
        <translation>✓ Es gibt keine neuere Version.</translation>
    </message>
</context>
<context>
    <name>UpdateSheet</name>
    <message>
        <source>&amp;Look for a newer version once a day</source>
        <translation>&amp;Einmal am Tag nach einer neueren Version sehen</translation>
    </message>
    <message>
        <source>Look &amp;now</source>
        <translation>&amp;Jetzt nachsehen</translation>
    </message>
    <message>
        <source>Look for a newer version once a day</source>
        <translation>Einmal am Tag nach einer neueren Version sehen</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation>Wird nachgesehen …</translation>
    </message>
    <message>
        <source>Newer versions</source>
        <translation>Neuere Versionen</translation>
    </message>
    <message>
        <source>One small file is read there. Nothing is said about you, your images or this hospital, not even which version this is. If there is a newer one, a line above the page tells you; nothing is downloaded or installed by this program.</source>
        <translation>Dort wird eine kleine Datei gelesen. Über Sie, Ihre Bilder oder dieses Krankenhaus wird nichts gesagt, nicht einmal, welche Version dies ist. Gibt es eine neuere, so steht das in einer Zeile über der Seite; dieses Programm lädt nichts herunter und installiert nichts.</translation>
    </message>
    <message>
        <source>This is version {0}.</source>
        <translation>Dies ist Version {0}.</translation>
    </message>
    <message>
        <source>Where to look is said by your IT department: {0}.</source>
        <translation>Wo nachgesehen wird, sagt Ihre IT-Abteilung: {0}.</translation>
    </message>
    <message>
        <source>Your IT department has not said where to look, so that this program asks nobody.</source>
        <translation>Ihre IT-Abteilung hat nicht gesagt, wo nachzusehen ist; darum fragt dieses Programm niemanden.</translation>
    </message>
    <message>
        <source>Your IT department has switched this off: this program asks nobody.</source>
        <translation>Ihre IT-Abteilung hat dies ausgeschaltet: Dieses Programm fragt niemanden.</translation>
    </message>
    <message>
        <source>Your IT department has switched this on, and says where to look: {0}.</source>
        <translation>Ihre IT-Abteilung hat dies eingeschaltet und sagt, wo nachgesehen wird: {0}.</translation>
    </message>
</context>
<context>
    <name>ViewStatus</name>
    <message>
        <source>, inverted</source>
        <translation>, invertiert</translation>
    </message>
    <message>
        <source>Value under the mouse</source>
        <translation>Wert unter der Maus</translation>
    </message>
    <message>
        <source>Window and level</source>
        <translation>Fensterbreite und -lage</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Vergrößerung</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>1:1</source>
        <translation>1:1</translation>
    </message>
    <message>
        <source>Current image, large</source>
        <translation>Aktuelles Bild, groß</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>Invertieren</translation>
    </message>
    <message>
        <source>Label all frames of this file together</source>
        <translation>Alle Einzelbilder dieser Datei gemeinsam mit Label versehen</translation>
    </message>
    <message>
        <source>Label all {0} frames</source>
        <translation>Label für alle {0} Einzelbilder</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>What you press labels every frame of this file that the grid shows</source>
        <translation>Was Sie drücken, gilt für jedes Einzelbild dieser Datei, das die Übersicht zeigt</translation>
    </message>
    <message>
        <source>Where the model looks</source>
        <translation>Wohin das Modell schaut</translation>
    </message>
    <message>
        <source>Window preset</source>
        <translation>Voreingestelltes Fenster</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <source>← All images</source>
        <translation>← Alle Bilder</translation>
    </message>
</context>
<context>
    <name>ViewingController</name>
    <message>
        <source>Choose an image to see it here.</source>
        <translation>Wählen Sie ein Bild aus, um es hier zu sehen.</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>Wird geladen …</translation>
    </message>
    <message>
        <source>The file cannot be read: {0}</source>
        <translation>Die Datei kann nicht gelesen werden: {0}</translation>
    </message>
    <message>
        <source>This image cannot be shown: {0}</source>
        <translation>Dieses Bild kann nicht gezeigt werden: {0}</translation>
    </message>
</context>
<context>
    <name>WelcomeDialog</name>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Begin</source>
        <translation>&amp;Beginnen</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Decide later</source>
        <translation>&amp;Später entscheiden</translation>
    </message>
    <message>
        <source>&amp;Join a study with a code that I was given</source>
        <translation>Mit einem Code, den ich erhalten habe, einer Studie bei&amp;treten</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>S&amp;prache</translation>
    </message>
    <message>
        <source>&amp;Look around in a sample project with drawn lesions</source>
        <translation>Mich im &amp;Beispielprojekt mit gezeichneten Läsionen umsehen</translation>
    </message>
    <message>
        <source>&amp;Name or initials</source>
        <translation>&amp;Name oder Kürzel</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>&amp;Open a folder of my own images</source>
        <translation>Einen &amp;Ordner mit eigenen Bildern öffnen</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>Über&amp;springen</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie am Desktop</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Everything can also be done later, from the menus.</source>
        <translation>Alles geht auch später, über die Menüs.</translation>
    </message>
    <message>
        <source>Here you look at your images of lesions and say what each of them shows. From your labels a model can learn: on this computer alone, or in a study together with other hospitals.</source>
        <translation>Hier sehen Sie Ihre Bilder von Läsionen an und sagen, was jedes zeigt. Aus Ihren Labels kann ein Modell lernen: auf diesem Computer allein oder in einer Studie gemeinsam mit anderen Krankenhäusern.</translation>
    </message>
    <message>
        <source>How would you like to begin?</source>
        <translation>Wie möchten Sie beginnen?</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnostic use.</source>
        <translation>Nur für Forschungszwecke. Nicht für die Diagnostik.</translation>
    </message>
    <message>
        <source>Skip these questions</source>
        <translation>Diese Fragen überspringen</translation>
    </message>
    <message>
        <source>Welcome to SiteBlind</source>
        <translation>Willkommen bei SiteBlind</translation>
    </message>
    <message>
        <source>Who is labelling?</source>
        <translation>Wer vergibt die Labels?</translation>
    </message>
    <message>
        <source>Your images never leave this hospital. They are not even moved or copied.</source>
        <translation>Ihre Bilder verlassen dieses Krankenhaus nie. Sie werden nicht einmal verschoben oder kopiert.</translation>
    </message>
    <message>
        <source>Your name is kept with each label you give, on this computer, so that colleagues know whom to ask. It is not a password, and it is never sent to anybody.</source>
        <translation>Ihr Name wird auf diesem Computer zu jedem Label gespeichert, das Sie vergeben, damit Kolleginnen und Kollegen wissen, wen sie fragen können. Er ist kein Passwort und wird nie an jemanden gesendet.</translation>
    </message>
    <message>
        <source>Your name or initials</source>
        <translation>Ihr Name oder Kürzel</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>WhichImages</name>
    <message>
        <source>All images ({0})</source>
        <translation>Alle Bilder ({0})</translation>
    </message>
    <message>
        <source>The images shown, as filtered ({0})</source>
        <translation>Die gezeigten Bilder, wie gefiltert ({0})</translation>
    </message>
    <message>
        <source>The selected images ({0})</source>
        <translation>Die ausgewählten Bilder ({0})</translation>
    </message>
    <message>
        <source>Which images</source>
        <translation>Welche Bilder</translation>
    </message>
</context>
<context>
    <name>WorkBar</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>{0} so far</source>
        <translation>{0} bisher</translation>
    </message>
</context>
<context>
    <name>app</name>
    <message>
        <source>The folder {0} cannot be used: {1}. Choose another with --home.</source>
        <translation>Der Ordner {0} kann nicht verwendet werden: {1}. Wählen Sie mit --home einen anderen.</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message>
        <source>&amp;About SiteBlind</source>
        <translation>&amp;Über SiteBlind</translation>
    </message>
    <message>
        <source>&amp;Accept model suggestion</source>
        <translation>Modellvorschlag &amp;annehmen</translation>
    </message>
    <message>
        <source>&amp;Agreement …</source>
        <translation>&amp;Übereinstimmung …</translation>
    </message>
    <message>
        <source>&amp;Back to all images</source>
        <translation>&amp;Zurück zu allen Bildern</translation>
    </message>
    <message>
        <source>&amp;Back up …</source>
        <translation>&amp;Sichern …</translation>
    </message>
    <message>
        <source>&amp;Check audit trail</source>
        <translation>Aufzeichnung &amp;prüfen</translation>
    </message>
    <message>
        <source>&amp;Choose keys …</source>
        <translation>Tasten &amp;wählen …</translation>
    </message>
    <message>
        <source>&amp;Close the project</source>
        <translation>Projekt s&amp;chließen</translation>
    </message>
    <message>
        <source>&amp;Delete the project …</source>
        <translation>Projekt &amp;löschen …</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Enlarge</source>
        <translation>&amp;Vergrößern</translation>
    </message>
    <message>
        <source>&amp;Exclude, or take in again …</source>
        <translation>A&amp;usschließen oder wieder aufnehmen …</translation>
    </message>
    <message>
        <source>&amp;Export audit trail …</source>
        <translation>Aufzeichnung &amp;exportieren …</translation>
    </message>
    <message>
        <source>&amp;Export labels …</source>
        <translation>Labels &amp;exportieren …</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Help on this page</source>
        <translation>&amp;Hilfe zu dieser Seite</translation>
    </message>
    <message>
        <source>&amp;Images</source>
        <translation>&amp;Bilder</translation>
    </message>
    <message>
        <source>&amp;Import CSV …</source>
        <translation>CSV &amp;importieren …</translation>
    </message>
    <message>
        <source>&amp;Invert</source>
        <translation>&amp;Invertieren</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
    <message>
        <source>&amp;Label</source>
        <translation>&amp;Label</translation>
    </message>
    <message>
        <source>&amp;Larger thumbnails</source>
        <translation>&amp;Größere Vorschaubilder</translation>
    </message>
    <message>
        <source>&amp;New class</source>
        <translation>&amp;Neue Klasse</translation>
    </message>
    <message>
        <source>&amp;New …</source>
        <translation>&amp;Neu …</translation>
    </message>
    <message>
        <source>&amp;Newer versions …</source>
        <translation>&amp;Neuere Versionen …</translation>
    </message>
    <message>
        <source>&amp;Next frame</source>
        <translation>&amp;Nächstes Einzelbild</translation>
    </message>
    <message>
        <source>&amp;Open folder …</source>
        <translation>&amp;Ordner öffnen …</translation>
    </message>
    <message>
        <source>&amp;Open …</source>
        <translation>Ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>&amp;Previous frame</source>
        <translation>V&amp;origes Einzelbild</translation>
    </message>
    <message>
        <source>&amp;Previous image</source>
        <translation>V&amp;origes Bild</translation>
    </message>
    <message>
        <source>&amp;Project</source>
        <translation>&amp;Projekt</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Readers</source>
        <translation>Be&amp;urteilende</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Remove label</source>
        <translation>Label &amp;entfernen</translation>
    </message>
    <message>
        <source>&amp;Report a problem …</source>
        <translation>&amp;Problem melden …</translation>
    </message>
    <message>
        <source>&amp;Reset window and zoom</source>
        <translation>Fenster und Vergrößerung &amp;zurücksetzen</translation>
    </message>
    <message>
        <source>&amp;Sample project</source>
        <translation>&amp;Beispielprojekt</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>&amp;Shrink</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>&amp;Sign in …</source>
        <translation>&amp;Anmelden …</translation>
    </message>
    <message>
        <source>&amp;Smaller thumbnails</source>
        <translation>&amp;Kleinere Vorschaubilder</translation>
    </message>
    <message>
        <source>&amp;Study</source>
        <translation>&amp;Studie</translation>
    </message>
    <message>
        <source>&amp;Suggest labels …</source>
        <translation>Labels &amp;vorschlagen …</translation>
    </message>
    <message>
        <source>&amp;Training</source>
        <translation>&amp;Training</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;What the file says</source>
        <translation>&amp;Was die Datei sagt</translation>
    </message>
    <message>
        <source>Actual size, &amp;1:1</source>
        <translation>Wahre Größe, &amp;1:1</translation>
    </message>
    <message>
        <source>Edit &amp;classes …</source>
        <translation>&amp;Klassen bearbeiten …</translation>
    </message>
    <message>
        <source>Export &amp;de-identified copy …</source>
        <translation>&amp;De-identifizierte Kopie exportieren …</translation>
    </message>
    <message>
        <source>Find &amp;moved files …</source>
        <translation>&amp;Verschobene Dateien finden …</translation>
    </message>
    <message>
        <source>Find du&amp;plicates …</source>
        <translation>Do&amp;ppelte finden …</translation>
    </message>
    <message>
        <source>How it &amp;works</source>
        <translation>So &amp;funktioniert es</translation>
    </message>
    <message>
        <source>I&amp;mage</source>
        <translation>Bil&amp;d</translation>
    </message>
    <message>
        <source>Label as class &amp;{0}</source>
        <translation>Label der Klasse &amp;{0}</translation>
    </message>
    <message>
        <source>Look at it &amp;large</source>
        <translation>&amp;Groß ansehen</translation>
    </message>
    <message>
        <source>Ne&amp;xt image</source>
        <translation>&amp;Nächstes Bild</translation>
    </message>
    <message>
        <source>Next image &amp;without a label</source>
        <translation>Nächstes Bild &amp;ohne Label</translation>
    </message>
    <message>
        <source>No&amp;te …</source>
        <translation>No&amp;tiz …</translation>
    </message>
    <message>
        <source>Open &amp;DICOMDIR …</source>
        <translation>D&amp;ICOMDIR öffnen …</translation>
    </message>
    <message>
        <source>Open &amp;files …</source>
        <translation>Da&amp;teien öffnen …</translation>
    </message>
    <message>
        <source>Res&amp;tore a back-up …</source>
        <translation>Sicherung &amp;wiederherstellen …</translation>
    </message>
    <message>
        <source>Second &amp;reading …</source>
        <translation>&amp;Zweitbeurteilung …</translation>
    </message>
    <message>
        <source>Select &amp;all images</source>
        <translation>&amp;Alle Bilder auswählen</translation>
    </message>
    <message>
        <source>Select the whole &amp;series</source>
        <translation>Ganze &amp;Serie auswählen</translation>
    </message>
    <message>
        <source>Settle &amp;disagreements</source>
        <translation>A&amp;bweichungen klären</translation>
    </message>
    <message>
        <source>View &amp;log</source>
        <translation>P&amp;rotokoll ansehen</translation>
    </message>
    <message>
        <source>Where the &amp;model looks</source>
        <translation>Wohin das &amp;Modell schaut</translation>
    </message>
</context>
<context>
    <name>files</name>
    <message>
        <source>10 bits</source>
        <translation>10 Bit</translation>
    </message>
    <message>
        <source>12 bits</source>
        <translation>12 Bit</translation>
    </message>
    <message>
        <source>14 bits</source>
        <translation>14 Bit</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 Bit</translation>
    </message>
    <message>
        <source>8 bits</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>Accession number</source>
        <translation>Auftragsnummer</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Aperture</source>
        <translation>Blende</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Body part</source>
        <translation>Körperteil</translation>
    </message>
    <message>
        <source>CT bone</source>
        <translation>CT Knochen</translation>
    </message>
    <message>
        <source>CT brain</source>
        <translation>CT Gehirn</translation>
    </message>
    <message>
        <source>CT lung</source>
        <translation>CT Lunge</translation>
    </message>
    <message>
        <source>CT soft tissue</source>
        <translation>CT Weichteile</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Camera maker</source>
        <translation>Kamerahersteller</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>Bemerkung</translation>
    </message>
    <message>
        <source>Comments</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Comments on the patient</source>
        <translation>Bemerkungen zum Patienten</translation>
    </message>
    <message>
        <source>Compression</source>
        <translation>Kompression</translation>
    </message>
    <message>
        <source>DICOM, PNG, JPEG and TIFF can be opened</source>
        <translation>öffnen lassen sich DICOM, PNG, JPEG und TIFF</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Date of birth</source>
        <translation>Geburtsdatum</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Echo time</source>
        <translation>Echozeit</translation>
    </message>
    <message>
        <source>Examination</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>Exposure time</source>
        <translation>Belichtungszeit</translation>
    </message>
    <message>
        <source>Field strength</source>
        <translation>Feldstärke</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Einzelbilder</translation>
    </message>
    <message>
        <source>From the file</source>
        <translation>Aus der Datei</translation>
    </message>
    <message>
        <source>Full range</source>
        <translation>Ganzer Bereich</translation>
    </message>
    <message>
        <source>Image number</source>
        <translation>Bildnummer</translation>
    </message>
    <message>
        <source>Institution</source>
        <translation>Einrichtung</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>Faltungskern</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Other patient IDs</source>
        <translation>Weitere Patientennummern</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>Patient</translation>
    </message>
    <message>
        <source>Patient ID</source>
        <translation>Patientennummer</translation>
    </message>
    <message>
        <source>Pixel spacing</source>
        <translation>Pixelabstand</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Referring physician</source>
        <translation>Zuweisende Ärztin, zuweisender Arzt</translation>
    </message>
    <message>
        <source>Repetition time</source>
        <translation>Repetitionszeit</translation>
    </message>
    <message>
        <source>Sensitivity (ISO)</source>
        <translation>Empfindlichkeit (ISO)</translation>
    </message>
    <message>
        <source>Sequence</source>
        <translation>Sequenz</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Serie</translation>
    </message>
    <message>
        <source>Series number</source>
        <translation>Nummer der Serie</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>Geschlecht</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Slice thickness</source>
        <translation>Schichtdicke</translation>
    </message>
    <message>
        <source>Software</source>
        <translation>Software</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>Station</translation>
    </message>
    <message>
        <source>Taken by</source>
        <translation>Aufgenommen von</translation>
    </message>
    <message>
        <source>Text burned into the image</source>
        <translation>Ins Bild geschriebener Text</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Uhrzeit</translation>
    </message>
    <message>
        <source>Tube current</source>
        <translation>Röhrenstrom</translation>
    </message>
    <message>
        <source>Tube voltage</source>
        <translation>Röhrenspannung</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Projektion</translation>
    </message>
    <message>
        <source>an overlay is hidden among its compressed pixels and cannot be taken out</source>
        <translation>zwischen den komprimierten Pixeln steckt eine Überlagerung, die sich nicht entfernen lässt</translation>
    </message>
    <message>
        <source>areas can only be painted in pixels of up to 16 bits</source>
        <translation>Flächen lassen sich nur in Pixeln mit bis zu 16 Bit schwärzen</translation>
    </message>
    <message>
        <source>colour</source>
        <translation>farbig</translation>
    </message>
    <message>
        <source>from a palette</source>
        <translation>aus einer Palette</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>grau</translation>
    </message>
    <message>
        <source>it has more pixels than any camera we know gives</source>
        <translation>mehr Pixel, als irgendeine bekannte Kamera liefert</translation>
    </message>
    <message>
        <source>it holds a video; save its pictures as single frames</source>
        <translation>enthält ein Video; speichern Sie dessen Einzelbilder</translation>
    </message>
    <message>
        <source>it is a BMP</source>
        <translation>ein BMP</translation>
    </message>
    <message>
        <source>it is a GIF</source>
        <translation>ein GIF</translation>
    </message>
    <message>
        <source>it is a HEIC photo</source>
        <translation>ein HEIC-Foto</translation>
    </message>
    <message>
        <source>it is a JPEG 2000 image</source>
        <translation>ein JPEG-2000-Bild</translation>
    </message>
    <message>
        <source>it is a PDF</source>
        <translation>ein PDF</translation>
    </message>
    <message>
        <source>it is a WebP image</source>
        <translation>ein WebP-Bild</translation>
    </message>
    <message>
        <source>it is a ZIP archive or Office document</source>
        <translation>ein ZIP-Archiv oder Office-Dokument</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>ein Ordner</translation>
    </message>
    <message>
        <source>it is a picture of a screen or a document</source>
        <translation>ein Bild eines Bildschirms oder Dokuments</translation>
    </message>
    <message>
        <source>it is an AVIF image</source>
        <translation>ein AVIF-Bild</translation>
    </message>
    <message>
        <source>it is another image now than the one that was labelled</source>
        <translation>jetzt ein anderes Bild als das, dem das Label gegeben wurde</translation>
    </message>
    <message>
        <source>it is cut off: part of its pixels is missing</source>
        <translation>abgeschnitten: Ein Teil der Pixel fehlt</translation>
    </message>
    <message>
        <source>it is damaged or cut off</source>
        <translation>beschädigt oder abgeschnitten</translation>
    </message>
    <message>
        <source>it is neither PNG nor JPEG nor TIFF</source>
        <translation>weder PNG noch JPEG noch TIFF</translation>
    </message>
    <message>
        <source>it is not a list of a disc's files</source>
        <translation>kein Verzeichnis eines Datenträgers</translation>
    </message>
    <message>
        <source>it is not an image that can be opened</source>
        <translation>kein Bild, das sich öffnen lässt</translation>
    </message>
    <message>
        <source>it is stored in printing colours; save it as RGB</source>
        <translation>in Druckfarben gespeichert; speichern Sie es als RGB</translation>
    </message>
    <message>
        <source>it is the list of a disc's files (DICOMDIR), not an image</source>
        <translation>das Verzeichnis eines Datenträgers (DICOMDIR), kein Bild</translation>
    </message>
    <message>
        <source>it is too large for this computer's memory</source>
        <translation>zu groß für den Arbeitsspeicher dieses Computers</translation>
    </message>
    <message>
        <source>it lists files outside of its disc</source>
        <translation>sie führt Dateien außerhalb ihres Datenträgers auf</translation>
    </message>
    <message>
        <source>its copy did not show the same image</source>
        <translation>die Kopie zeigte nicht dasselbe Bild</translation>
    </message>
    <message>
        <source>its header says that something is written into it</source>
        <translation>der Kopf der Datei sagt, dass etwas ins Bild geschrieben ist</translation>
    </message>
    <message>
        <source>its name is not valid text; rename it</source>
        <translation>ihr Name ist kein gültiger Text; benennen Sie sie um</translation>
    </message>
    <message>
        <source>large values are dark</source>
        <translation>große Werte sind dunkel</translation>
    </message>
    <message>
        <source>nobody looked whether a name is written into it</source>
        <translation>niemand hat nachgesehen, ob ein Name ins Bild geschrieben ist</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>the copy's pixels are not the original's; it was let go</source>
        <translation>die Pixel der Kopie sind nicht die des Originals; sie wurde verworfen</translation>
    </message>
    <message>
        <source>the disk does not answer</source>
        <translation>das Laufwerk antwortet nicht</translation>
    </message>
    <message>
        <source>the file is empty</source>
        <translation>die Datei ist leer</translation>
    </message>
    <message>
        <source>the file says where it was taken</source>
        <translation>die Datei sagt, wo die Aufnahme entstand</translation>
    </message>
    <message>
        <source>the picture in it has another size than its header says</source>
        <translation>das Bild darin hat eine andere Größe, als der Kopf der Datei sagt</translation>
    </message>
    <message>
        <source>there is no image in it</source>
        <translation>es ist kein Bild darin</translation>
    </message>
    <message>
        <source>there is no such file</source>
        <translation>diese Datei gibt es nicht</translation>
    </message>
    <message>
        <source>there seems to be writing at its edge</source>
        <translation>am Rand scheint etwas geschrieben zu stehen</translation>
    </message>
    <message>
        <source>ultrasound machines write the name into the image</source>
        <translation>Ultraschallgeräte schreiben den Namen ins Bild</translation>
    </message>
    <message>
        <source>you have no permission to read it</source>
        <translation>Sie haben kein Recht, sie zu lesen</translation>
    </message>
</context>
<context>
    <name>model_choices</name>
    <message>
        <source>Study “{0}”</source>
        <translation>Studie „{0}“</translation>
    </message>
    <message>
        <source>Trained here</source>
        <translation>Hier trainiert</translation>
    </message>
</context>
<context>
    <name>phrases</name>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Allow HTTPS to {0} at the proxy.</source>
        <translation>HTTPS zu {0} am Proxy erlauben.</translation>
    </message>
    <message>
        <source>Allow outgoing connections to {0}, port {1}, or name the proxy to be used in the system's settings. If others get through, ask the coordinator's operator whether it is running.</source>
        <translation>Ausgehende Verbindungen zu {0}, Port {1}, erlauben oder den zu verwendenden Proxy in den Systemeinstellungen nennen. Wenn andere durchkommen: den Betreiber des Koordinators fragen, ob er läuft.</translation>
    </message>
    <message>
        <source>Both sides speak the same version.</source>
        <translation>Beide Seiten haben dieselbe Version.</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Zertifikat</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Correct the proxy in this system's settings, or bring it back.</source>
        <translation>Den Proxy in den Systemeinstellungen berichtigen oder wieder in Gang bringen.</translation>
    </message>
    <message>
        <source>Correct the proxy in this system's settings: it names {0}.</source>
        <translation>Den Proxy in den Systemeinstellungen berichtigen: Dort steht {0}.</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Festplatte</translation>
    </message>
    <message>
        <source>Give this site a new invitation, if it is to take part again.</source>
        <translation>Diesem Standort eine neue Einladung geben, wenn er wieder teilnehmen soll.</translation>
    </message>
    <message>
        <source>Give this site a new invitation.</source>
        <translation>Diesem Standort eine neue Einladung geben.</translation>
    </message>
    <message>
        <source>Give whoever uses this program the file with the certificate of “{0}” (PEM), to be chosen here, or let {1} through unread. If the name is not yours, ask the coordinator's operator.</source>
        <translation>Wer dieses Programm benutzt, braucht die Datei mit dem Zertifikat von „{0}“ (PEM), um sie hier auszuwählen; oder {1} ungelesen durchlassen. Ist der Name nicht Ihrer: den Betreiber des Koordinators fragen.</translation>
    </message>
    <message>
        <source>If the coordinator cannot be reached so, name the proxy itself: set HTTPS_PROXY to http://address:port for this computer, then start the program anew. Sign-in by Windows account (NTLM, Kerberos) is not spoken by this program.</source>
        <translation>Wenn der Koordinator so nicht zu erreichen ist, den Proxy selbst nennen: HTTPS_PROXY für diesen Rechner auf http://Adresse:Port setzen, dann das Programm neu starten. Die Anmeldung mit dem Windows-Konto (NTLM, Kerberos) beherrscht dieses Programm nicht.</translation>
    </message>
    <message>
        <source>Install SiteBlind anew.</source>
        <translation>SiteBlind neu installieren.</translation>
    </message>
    <message>
        <source>Install the version of SiteBlind that the study's owner names.</source>
        <translation>Die Version von SiteBlind installieren, die die Studienleitung nennt.</translation>
    </message>
    <message>
        <source>Invitation or membership</source>
        <translation>Einladung oder Mitgliedschaft</translation>
    </message>
    <message>
        <source>Label images of more patients: one patient is never on both sides.</source>
        <translation>Bilder von mehr Patienten labeln: Ein Patient ist nie auf beiden Seiten.</translation>
    </message>
    <message>
        <source>Label images, say which of your classes mean the study's, and which scanners take part.</source>
        <translation>Bilder labeln und festlegen, welche Ihrer Klassen die der Studie bedeuten und welche Scanner teilnehmen.</translation>
    </message>
    <message>
        <source>Label more images of this scanner.</source>
        <translation>Mehr Bilder dieses Scanners labeln.</translation>
    </message>
    <message>
        <source>Labelled images</source>
        <translation>Gelabelte Bilder</translation>
    </message>
    <message>
        <source>Let HTTPS to {0} through; something on the way breaks it off.</source>
        <translation>HTTPS zu {0} durchlassen; etwas auf dem Weg bricht es ab.</translation>
    </message>
    <message>
        <source>Let this computer look up the name {0}, or, if only a proxy may do that, name the proxy in the system's settings. If nobody can, the address is wrong.</source>
        <translation>Diesen Computer den Namen {0} nachschlagen lassen oder, wenn das nur ein Proxy darf, den Proxy in den Systemeinstellungen nennen. Kann es niemand, ist die Adresse falsch.</translation>
    </message>
    <message>
        <source>Let this computer take its time from a time server, and look at its time zone.</source>
        <translation>Diesen Computer die Zeit von einem Zeitserver holen lassen und die Zeitzone prüfen.</translation>
    </message>
    <message>
        <source>Make room on it, or move the project to a disk with more.</source>
        <translation>Platz schaffen oder das Projekt auf eine größere Festplatte verschieben.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Network: {0}.</source>
        <translation>Netz: {0}.</translation>
    </message>
    <message>
        <source>Network: {0}. Without a graphics card its training takes about {1} times as long as that of the smallest.</source>
        <translation>Netz: {0}. Ohne Grafikkarte dauert sein Training etwa {1}-mal so lange wie das des kleinsten.</translation>
    </message>
    <message>
        <source>No certificate is needed: the coordinator is on this computer.</source>
        <translation>Ein Zertifikat ist nicht nötig: Der Koordinator läuft auf diesem Computer.</translation>
    </message>
    <message>
        <source>No encrypted connection to {0} comes about.</source>
        <translation>Eine verschlüsselte Verbindung zu {0} kommt nicht zustande.</translation>
    </message>
    <message>
        <source>No image is held out, so this site cannot tell how good the model is.</source>
        <translation>Kein Bild ist zurückgehalten; dieser Standort kann also nicht sagen, wie gut das Modell ist.</translation>
    </message>
    <message>
        <source>No labelled image of this site takes part in the study.</source>
        <translation>Kein gelabeltes Bild dieses Standorts nimmt an der Studie teil.</translation>
    </message>
    <message>
        <source>Nobody answers at {0}, port {1}.</source>
        <translation>Unter {0}, Port {1}, antwortet niemand.</translation>
    </message>
    <message>
        <source>Nobody here knows the name {0}.</source>
        <translation>Hier kennt niemand den Namen {0}.</translation>
    </message>
    <message>
        <source>Nothing is wrong with that. If you have some, label them.</source>
        <translation>Das ist kein Fehler. Wenn Sie welche haben, labeln Sie sie.</translation>
    </message>
    <message>
        <source>Nothing is wrong with that; a graphics card makes it much quicker.</source>
        <translation>Daran ist nichts falsch; mit einer Grafikkarte geht es viel schneller.</translation>
    </message>
    <message>
        <source>Paste the invitation again, or ask the study's owner for the address.</source>
        <translation>Die Einladung noch einmal einfügen oder die Studienleitung nach der Adresse fragen.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Renew the certificate of {0}. If this computer's date, {1}, is wrong, correct that first.</source>
        <translation>Das Zertifikat von {0} erneuern. Ist das Datum dieses Computers, {1}, falsch, zuerst dieses berichtigen.</translation>
    </message>
    <message>
        <source>Say whether “{0}” belongs to your own network. If it does, this site can join all the same. If not, ask the study's owner for a new invitation.</source>
        <translation>Sagen, ob „{0}“ zum eigenen Netz gehört. Wenn ja, kann dieser Standort trotzdem beitreten. Wenn nicht, die Studienleitung um eine neue Einladung bitten.</translation>
    </message>
    <message>
        <source>Scanner {0}: {1} images.</source>
        <translation>Scanner {0}: {1} Bilder.</translation>
    </message>
    <message>
        <source>Scanner {0}: {1} images. They are trained on, but no averages of them are sent: that takes {2}.</source>
        <translation>Scanner {0}: {1} Bilder. Mit ihnen wird trainiert, aber es werden keine Mittelwerte von ihnen gesendet: Dafür braucht es {2}.</translation>
    </message>
    <message>
        <source>See that it is renewed in time.</source>
        <translation>Dafür sorgen, dass es rechtzeitig erneuert wird.</translation>
    </message>
    <message>
        <source>See whether a proxy or a filter answers in its place. If not, the address in the invitation is wrong: ask the study's owner.</source>
        <translation>Prüfen, ob ein Proxy oder Filter an seiner Stelle antwortet. Wenn nicht, ist die Adresse in der Einladung falsch: die Studienleitung fragen.</translation>
    </message>
    <message>
        <source>The address cannot be used: {0}</source>
        <translation>Die Adresse kann nicht verwendet werden: {0}</translation>
    </message>
    <message>
        <source>The certificate is in order, signed by “{0}”, and ends in {1} days.</source>
        <translation>Das Zertifikat ist in Ordnung, unterschrieben von „{0}“, und endet in {1} Tagen.</translation>
    </message>
    <message>
        <source>The certificate of {0} is signed by “{1}”, whom this computer does not know. Often that is a hospital's own network, which looks into encrypted traffic.</source>
        <translation>Das Zertifikat von {0} ist von „{1}“ unterschrieben, das dieser Computer nicht kennt. Oft ist das das Netz eines Krankenhauses, das in verschlüsselten Verkehr hineinsieht.</translation>
    </message>
    <message>
        <source>The certificate that answers is for another name than {0}.</source>
        <translation>Das Zertifikat, das sich meldet, gilt für einen anderen Namen als {0}.</translation>
    </message>
    <message>
        <source>The certificate, signed by “{0}”, is another than the invitation names: it was renewed since, or this hospital's network reads what is sent.</source>
        <translation>Das Zertifikat, unterschrieben von „{0}“, ist ein anderes als das der Einladung: Es wurde seither erneuert, oder das Netz dieses Krankenhauses liest mit, was gesendet wird.</translation>
    </message>
    <message>
        <source>The coordinator answers.</source>
        <translation>Der Koordinator antwortet.</translation>
    </message>
    <message>
        <source>The coordinator cannot be understood: {0}</source>
        <translation>Der Koordinator ist nicht zu verstehen: {0}</translation>
    </message>
    <message>
        <source>The coordinator knows this site as a member of “{0}”.</source>
        <translation>Der Koordinator kennt diesen Standort als Mitglied von „{0}“.</translation>
    </message>
    <message>
        <source>The coordinator refuses this site: {0}</source>
        <translation>Der Koordinator weist diesen Standort ab: {0}</translation>
    </message>
    <message>
        <source>The coordinator's certificate has expired.</source>
        <translation>Das Zertifikat des Koordinators ist abgelaufen.</translation>
    </message>
    <message>
        <source>The coordinator's certificate is not valid yet, by this computer's date, {0}. Most likely its clock is slow.</source>
        <translation>Das Zertifikat des Koordinators gilt nach dem Datum dieses Computers, {0}, noch nicht. Sehr wahrscheinlich geht seine Uhr nach.</translation>
    </message>
    <message>
        <source>The coordinator's operator</source>
        <translation>Der Betreiber des Koordinators</translation>
    </message>
    <message>
        <source>The invitation is good, for the study “{0}”.</source>
        <translation>Die Einladung gilt, für die Studie „{0}“.</translation>
    </message>
    <message>
        <source>The name {0} leads to {1}.</source>
        <translation>Der Name {0} führt zu {1}.</translation>
    </message>
    <message>
        <source>The proxy {0} does not answer.</source>
        <translation>Der Proxy {0} antwortet nicht.</translation>
    </message>
    <message>
        <source>The proxy {0} does not let this computer through to {1} (status {2}).</source>
        <translation>Der Proxy {0} lässt diesen Computer nicht zu {1} durch (Status {2}).</translation>
    </message>
    <message>
        <source>The proxy {0} wants a name and a password.</source>
        <translation>Der Proxy {0} verlangt Name und Kennwort.</translation>
    </message>
    <message>
        <source>The study is described for another version of SiteBlind than this one.</source>
        <translation>Die Studie ist für eine andere Version von SiteBlind beschrieben als diese.</translation>
    </message>
    <message>
        <source>The study would also do with: {0}.</source>
        <translation>Die Studie lässt auch zu: {0}.</translation>
    </message>
    <message>
        <source>The way out is direct: this system names no proxy.</source>
        <translation>Der Weg nach draußen ist direkt: Dieses System nennt keinen Proxy.</translation>
    </message>
    <message>
        <source>The way out is the proxy {0}.</source>
        <translation>Der Weg nach draußen ist der Proxy {0}.</translation>
    </message>
    <message>
        <source>This computer cannot train: {0}</source>
        <translation>Dieser Computer kann nicht trainieren: {0}</translation>
    </message>
    <message>
        <source>This computer's clock is right.</source>
        <translation>Die Uhr dieses Computers geht richtig.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} days fast.</source>
        <translation>Die Uhr dieses Computers geht {0} Tage vor.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} days slow.</source>
        <translation>Die Uhr dieses Computers geht {0} Tage nach.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} hours fast.</source>
        <translation>Die Uhr dieses Computers geht {0} Stunden vor.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} hours slow.</source>
        <translation>Die Uhr dieses Computers geht {0} Stunden nach.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} minutes fast.</source>
        <translation>Die Uhr dieses Computers geht {0} Minuten vor.</translation>
    </message>
    <message>
        <source>This computer's clock is {0} minutes slow.</source>
        <translation>Die Uhr dieses Computers geht {0} Minuten nach.</translation>
    </message>
    <message>
        <source>This system finds its proxy by a script ({0}), which this program does not read: it goes out directly.</source>
        <translation>Dieses System findet seinen Proxy durch ein Skript ({0}), das dieses Programm nicht liest: Es geht direkt hinaus.</translation>
    </message>
    <message>
        <source>Use an address that the certificate names, or get one for {0}.</source>
        <translation>Eine Adresse verwenden, die das Zertifikat nennt, oder eines für {0} besorgen.</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>What answers at {0} is no SiteBlind coordinator (status {1}).</source>
        <translation>Was unter {0} antwortet, ist kein SiteBlind-Koordinator (Status {1}).</translation>
    </message>
    <message>
        <source>What training computes on</source>
        <translation>Worauf das Training rechnet</translation>
    </message>
    <message>
        <source>Write name and password into the system's proxy setting (http://name:password@{0}), or let this computer through without. Sign-in by Windows account (NTLM, Kerberos) is not spoken by this program.</source>
        <translation>Name und Kennwort in die Proxy-Einstellung des Systems schreiben (http://name:password@{0}) oder diesen Computer ohne durchlassen. Die Anmeldung mit dem Windows-Konto (NTLM, Kerberos) beherrscht dieses Programm nicht.</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>Your IT department</source>
        <translation>Ihre EDV</translation>
    </message>
    <message>
        <source>{0}</source>
        <translation>{0}</translation>
    </message>
    <message>
        <source>{0} GB are free on the disk of this project.</source>
        <translation>Auf der Festplatte dieses Projekts sind {0} GB frei.</translation>
    </message>
    <message>
        <source>{0} labelled images take part: {1} to train on, {2} held out.</source>
        <translation>{0} gelabelte Bilder nehmen teil: {1} zum Trainieren, {2} zurückgehalten.</translation>
    </message>
    <message>
        <source>{0}: no image here.</source>
        <translation>{0}: hier kein Bild.</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>{0}: {1} images.</source>
        <translation>{0}: {1} Bilder.</translation>
    </message>
    <message>
        <source>• Note</source>
        <translation>• Hinweis</translation>
    </message>
    <message>
        <source>✓ In order</source>
        <translation>✓ In Ordnung</translation>
    </message>
    <message>
        <source>✕ Problem</source>
        <translation>✕ Problem</translation>
    </message>
</context>
<context>
    <name>quality</name>
    <message>
        <source>Confidence and share of right answers differ by {0} percentage points on average. On the dashed line both agree; below it the model is too sure of itself.</source>
        <translation>Sicherheit und Anteil richtiger Antworten weichen im Mittel um {0} Prozentpunkte voneinander ab. Auf der gestrichelten Linie stimmen beide überein; darunter ist sich das Modell zu sicher.</translation>
    </message>
    <message>
        <source>If every image with a probability of at least {0} were called {1}, {2} of them would be found (sensitivity), and {3} of all others left alone (specificity). The threshold is chosen on these very images; on new ones it will do a little worse.</source>
        <translation>Hieße jedes Bild mit einer Wahrscheinlichkeit von mindestens {0} „{1}“, so würden {2} davon gefunden (Sensitivität) und {3} aller anderen in Ruhe gelassen (Spezifität). Die Schwelle ist an eben diesen Bildern gewählt; an neuen wird sie etwas schlechter abschneiden.</translation>
    </message>
    <message>
        <source>In brackets: where the true value lies with 95 % confidence, judging by so few.</source>
        <translation>In Klammern: wo der wahre Wert bei so wenigen Bildern mit 95 % Vertrauen liegt.</translation>
    </message>
    <message>
        <source>Study “{0}”, measured {1}</source>
        <translation>Studie „{0}“, gemessen {1}</translation>
    </message>
    <message>
        <source>The scanner can be told from what the model sees in {0} of the images; before training {1}, by guessing {2}, by the lesion alone {3}.</source>
        <translation>An dem, was das Modell sieht, lässt sich der Scanner bei {0} der Bilder erkennen; vor dem Training {1}, durch Raten {2}, an der Läsion allein {3}.</translation>
    </message>
    <message>
        <source>There is no curve: the held-out images are all of one kind.</source>
        <translation>Es gibt keine Kurve: Die zurückgehaltenen Bilder sind alle von einer Art.</translation>
    </message>
    <message>
        <source>Training of {0}</source>
        <translation>Training vom {0}</translation>
    </message>
    <message>
        <source>Whether the scanner can be told is not known. {0}.</source>
        <translation>Ob sich der Scanner erkennen lässt, ist nicht bekannt. {0}.</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>undefiniert</translation>
    </message>
    <message>
        <source>{0} of {1} held-out images of {2} patients are judged right: {3}.</source>
        <translation>{0} von {1} zurückgehaltenen Bildern von {2} Patienten sind richtig beurteilt: {3}.</translation>
    </message>
</context>
<context>
    <name>round_story</name>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>. The study's other sites see the name of yours</source>
        <translation>. Die anderen Standorte der Studie erfahren den Namen Ihres Standorts</translation>
    </message>
    <message>
        <source>16 averages of how at least 4 images each look to the network</source>
        <translation>16 Mittelwerte davon, wie je mindestens 4 Bilder für das Netz aussehen</translation>
    </message>
    <message>
        <source>16 averages of the colour and contrast of at least 4 images each</source>
        <translation>16 Mittelwerte von Farbe und Kontrast je mindestens 4 Bilder</translation>
    </message>
    <message>
        <source>; for each scanner with at least 20 images also {0}</source>
        <translation>; für jeden Scanner mit mindestens 20 Bildern außerdem {0}</translation>
    </message>
    <message>
        <source>About {0} MB in each round that this site is picked for ({1:.0f} % of the sites in each), and about as much is received.</source>
        <translation>Etwa {0} MB in jeder Runde, für die dieser Standort ausgewählt wird (je {1:.0f} % der Standorte), und etwa ebenso viel wird empfangen.</translation>
    </message>
    <message>
        <source>Connected. {0} to train on, {1} held out, on {2}.</source>
        <translation>Verbunden. {0} zum Trainieren, {1} zurückgehalten, auf {2}.</translation>
    </message>
    <message>
        <source>Images, labels, file names, anything about patients or your name</source>
        <translation>Bilder, Labels, Dateinamen, irgendetwas über Patienten oder Ihr Name</translation>
    </message>
    <message>
        <source>Not known yet: the study has no model so far.</source>
        <translation>Noch nicht bekannt: Die Studie hat bisher kein Modell.</translation>
    </message>
    <message>
        <source>Not picked this time</source>
        <translation>Diesmal nicht ausgewählt</translation>
    </message>
    <message>
        <source>Nothing is lost; trying again in {0:.0f} s.</source>
        <translation>Nichts ist verloren; neuer Versuch in {0:.0f} s.</translation>
    </message>
    <message>
        <source>Reading this site's images …</source>
        <translation>Die Bilder dieses Standorts werden gelesen …</translation>
    </message>
    <message>
        <source>Receiving the shared model: {0} of {1} MB</source>
        <translation>Das gemeinsame Modell wird empfangen: {0} von {1} MB</translation>
    </message>
    <message>
        <source>Round {0} of {1}</source>
        <translation>Runde {0} von {1}</translation>
    </message>
    <message>
        <source>Sending this site's part: {0} of {1} MB</source>
        <translation>Der Beitrag dieses Standorts wird gesendet: {0} von {1} MB</translation>
    </message>
    <message>
        <source>The final model is saved at this site: {0} right, held out.</source>
        <translation>Das endgültige Modell ist an diesem Standort gespeichert: {0} richtig (zurückgehalten).</translation>
    </message>
    <message>
        <source>The model's parameters, how many images they come from, how well the shared model does on your held-out images, and a random number for each scanner and for this computer</source>
        <translation>Die Parameter des Modells, aus wie vielen Bildern sie stammen, wie gut das gemeinsame Modell auf Ihren zurückgehaltenen Bildern ist, und je eine Zufallszahl für jeden Scanner und für diesen Rechner</translation>
    </message>
    <message>
        <source>The round waits for {0}. </source>
        <translation>Die Runde wartet auf {0}. </translation>
    </message>
    <message>
        <source>The shared model of round {0} was received</source>
        <translation>Das gemeinsame Modell der Runde {0} wurde empfangen</translation>
    </message>
    <message>
        <source>The study is finished</source>
        <translation>Die Studie ist beendet</translation>
    </message>
    <message>
        <source>The study is paused</source>
        <translation>Die Studie pausiert</translation>
    </message>
    <message>
        <source>The study's first model was received</source>
        <translation>Das erste Modell der Studie wurde empfangen</translation>
    </message>
    <message>
        <source>This site is picked</source>
        <translation>Dieser Standort ist ausgewählt</translation>
    </message>
    <message>
        <source>This site was picked and is training on its own images.</source>
        <translation>Dieser Standort wurde ausgewählt und trainiert mit seinen eigenen Bildern.</translation>
    </message>
    <message>
        <source>This site's part of round {0} was sent ({1:.1f} MB).</source>
        <translation>Der Beitrag dieses Standorts zu Runde {0} wurde gesendet ({1:.1f} MB).</translation>
    </message>
    <message>
        <source>Trained. On your held-out images {0} right before, {1} after.</source>
        <translation>Trainiert. Auf Ihren zurückgehaltenen Bildern vorher {0} richtig, nachher {1}.</translation>
    </message>
    <message>
        <source>Waiting for the next round</source>
        <translation>Warten auf die nächste Runde</translation>
    </message>
    <message>
        <source>a small network, made for computers without a graphics card</source>
        <translation>ein kleines Netz, gemacht für Computer ohne Grafikkarte</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>round</source>
        <translation>Runde</translation>
    </message>
    <message>
        <source>rounds</source>
        <translation>Runden</translation>
    </message>
    <message>
        <source>site is</source>
        <translation>Standort ist</translation>
    </message>
    <message>
        <source>sites are</source>
        <translation>Standorte sind</translation>
    </message>
    <message>
        <source>the average and spread of its features</source>
        <translation>Mittel und Streuung seiner Merkmale</translation>
    </message>
    <message>
        <source>the average and spread of its features for each lesion class</source>
        <translation>Mittel und Streuung seiner Merkmale für jede Läsionsklasse</translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} und {1} weitere</translation>
    </message>
    <message>
        <source>{0} in touch with the coordinator</source>
        <translation>{0} mit dem Koordinator in Verbindung</translation>
    </message>
    <message>
        <source>{0}, in {1}, on images of {2} x {2} pixels</source>
        <translation>{0}, in {1}, auf Bildern von {2} x {2} Pixeln</translation>
    </message>
    <message>
        <source>{0}: {1} right on this site's held-out images.</source>
        <translation>{0}: {1} richtig auf den zurückgehaltenen Bildern dieses Standorts.</translation>
    </message>
    <message>
        <source>{0}; other sites may have another network</source>
        <translation>{0}; andere Standorte können ein anderes Netz haben</translation>
    </message>
</context>
<context>
    <name>sheets</name>
    <message>
        <source>Arrows, Page, Home, End</source>
        <translation>Pfeile, Bild, Pos1, Ende</translation>
    </message>
    <message>
        <source>Ctrl and wheel</source>
        <translation>Strg und Rad</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Drag left, middle</source>
        <translation>Ziehen links, Mitte</translation>
    </message>
    <message>
        <source>Hospitals train one lesion classifier together without any image leaving a hospital. SiteBlind is free software under the Apache License 2.0.</source>
        <translation>Krankenhäuser trainieren gemeinsam ein Modell, das Läsionen unterscheidet, ohne dass ein Bild ein Krankenhaus verlässt. SiteBlind ist freie Software unter der Apache-Lizenz 2.0.</translation>
    </message>
    <message>
        <source>In the grid</source>
        <translation>In der Übersicht</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Mouse on an image</source>
        <translation>Maus auf einem Bild</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnostic use.</source>
        <translation>Nur für Forschungszwecke. Nicht für die Diagnostik.</translation>
    </message>
    <message>
        <source>Shift or Ctrl and click</source>
        <translation>Umschalt oder Strg und Klick</translation>
    </message>
    <message>
        <source>The window uses Qt through PySide6, which is free software under the GNU Lesser General Public License, version 3. Qt's libraries lie beside this program and may be replaced by your own build of them; their source is at https://code.qt.io and https://pypi.org/project/PySide6-Essentials.</source>
        <translation>Das Fenster verwendet Qt über PySide6, freie Software unter der GNU Lesser General Public License, Version 3. Die Bibliotheken von Qt liegen neben diesem Programm und dürfen durch selbst gebaute ersetzt werden; ihr Quelltext ist unter https://code.qt.io und https://pypi.org/project/PySide6-Essentials zu finden.</translation>
    </message>
    <message>
        <source>To choose others: Help, Choose keys.</source>
        <translation>Andere wählen: Hilfe, Tasten wählen.</translation>
    </message>
    <message>
        <source>Version {0}</source>
        <translation>Version {0}</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Rad</translation>
    </message>
    <message>
        <source>enlarge</source>
        <translation>vergrößern</translation>
    </message>
    <message>
        <source>enlarge; of several frames, next frame</source>
        <translation>vergrößern; bei mehreren Einzelbildern: nächstes</translation>
    </message>
    <message>
        <source>label the selected images</source>
        <translation>ausgewählten Bildern ein Label geben</translation>
    </message>
    <message>
        <source>move around</source>
        <translation>sich bewegen</translation>
    </message>
    <message>
        <source>reset window and zoom</source>
        <translation>Fenster und Vergrößerung zurücksetzen</translation>
    </message>
    <message>
        <source>select several images</source>
        <translation>mehrere Bilder auswählen</translation>
    </message>
    <message>
        <source>window and level, move</source>
        <translation>Fensterung, verschieben</translation>
    </message>
</context>
<context>
    <name>training_sheets</name>
    <message>
        <source>Images left out</source>
        <translation>Ausgelassene Bilder</translation>
    </message>
</context>
<context>
    <name>wording</name>
    <message>
        <source>a few seconds left</source>
        <translation>noch wenige Sekunden</translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>noch etwa eine Minute</translation>
    </message>
    <message>
        <source>about {0} hours left</source>
        <translation>noch etwa {0} Stunden</translation>
    </message>
    <message>
        <source>about {0} minutes left</source>
        <translation>noch etwa {0} Minuten</translation>
    </message>
    <message>
        <source>about {0} seconds left</source>
        <translation>noch etwa {0} Sekunden</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>duplicate</source>
        <translation>doppelt</translation>
    </message>
    <message>
        <source>lesion not visible</source>
        <translation>Läsion nicht sichtbar</translation>
    </message>
    <message>
        <source>marked or annotated</source>
        <translation>beschriftet oder markiert</translation>
    </message>
    <message>
        <source>obscured, for example by hair or gel</source>
        <translation>verdeckt, zum Beispiel durch Haare oder Gel</translation>
    </message>
    <message>
        <source>shows who the patient is</source>
        <translation>zeigt, wer der Patient ist</translation>
    </message>
    <message>
        <source>treated before</source>
        <translation>vorbehandelt</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>wrong body part</source>
        <translation>falsche Körperstelle</translation>
    </message>
</context>
</TS>
